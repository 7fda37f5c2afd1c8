//! Float tensors as networks take and give them: a shape and row-major values.

use super::ModelError;

/// A borrowed float tensor, row-major.
#[derive(Debug, Clone, Copy)]
pub struct TensorView<'a> {
    shape: &'a [usize],
    data: &'a [f32],
}

impl<'a> TensorView<'a> {
    /// Pairs values with their shape.
    ///
    /// # Errors
    /// [`ModelError::Run`] when the shape does not hold exactly `data.len()` values.
    pub fn new(shape: &'a [usize], data: &'a [f32]) -> Result<Self, ModelError> {
        check(shape, data.len())?;
        Ok(Self { shape, data })
    }

    /// The extent of each dimension.
    #[must_use]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// The values, row-major.
    #[must_use]
    pub fn data(&self) -> &'a [f32] {
        self.data
    }
}

/// An owned float tensor, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// Pairs values with their shape.
    ///
    /// # Errors
    /// [`ModelError::Run`] when the shape does not hold exactly `data.len()` values.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Result<Self, ModelError> {
        check(&shape, data.len())?;
        Ok(Self { shape, data })
    }

    /// The extent of each dimension.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values, row-major.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Gives up the values.
    #[must_use]
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    /// A borrowed view of the whole.
    #[must_use]
    pub fn view(&self) -> TensorView<'_> {
        TensorView { shape: &self.shape, data: &self.data }
    }
}

fn check(shape: &[usize], values: usize) -> Result<(), ModelError> {
    if shape.iter().product::<usize>() == values {
        Ok(())
    } else {
        Err(ModelError::Run(format!("a tensor of shape {shape:?} cannot hold {values} values")))
    }
}
