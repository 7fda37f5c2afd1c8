//! What a photo cannot do without, alone.

use anyhow::Result;
use image::RgbImage;
use turbojpeg::{Compressor, Image, PixelFormat};
use vision::model::{ModelId, Models, TensorView};

/// One run of a network.
pub fn infer(models: &Models, id: ModelId) -> Result<()> {
    let edge = match id {
        ModelId::FaceDetector => 128,
        ModelId::FaceMesh => 192,
        ModelId::Iris => 64,
        _ => 256,
    };
    let (shape, values) = ([1, edge, edge, 3], vec![0.5; edge * edge * 3]);
    std::hint::black_box(models.get(id)?.run(&[TensorView::new(&shape, &values)?])?);
    Ok(())
}

/// The photo's last encoding.
pub fn encoded(photo: &RgbImage) -> Result<Vec<u8>> {
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let mut compressor = Compressor::new()?;
    compressor.set_quality(90)?;
    compressor.set_optimize(true)?;
    let (pixels, format) = (photo.as_raw().as_slice(), PixelFormat::RGB);
    Ok(compressor.compress_to_vec(Image { pixels, width, pitch: width * 3, height, format })?)
}
