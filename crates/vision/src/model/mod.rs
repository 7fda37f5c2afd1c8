//! The networks: where their files lie, that they are the pinned ones, and how to run one.

mod catalogue;
mod error;
mod runtime;
mod tensor;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

pub use error::ModelError;
pub use tensor::{Tensor, TensorView};

use catalogue::Catalogue;
use rayon::prelude::*;
use runtime::PooledModel;

use crate::glyph::Glyphs;

/// The environment variable that names a further font file (TrueType, OpenType) for characters of names that the pinned font lacks.
pub const NAME_FONT_VARIABLE: &str = "ZHAOYAN_NAME_FONT";

/// A network that maps float tensors to float tensors. Tests put a fake in its place; nothing wider is abstracted.
pub trait Model: Send + Sync {
    /// Runs the network on its inputs, in the order that `models.toml` lists them, and returns its outputs in that order.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the number or the shapes of the inputs do not fit, or the runtime fails.
    fn run(&self, inputs: &[TensorView<'_>]) -> Result<Vec<Tensor>, ModelError>;
}

/// The networks that Zhaoyan uses. Layouts and value ranges are in `models/models.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelId {
    /// BlazeFace, short range: RGB `[1, 128, 128, 3]` in −1..1 → box regressors `[1, 896, 16]`, logits `[1, 896, 1]`.
    FaceDetector,
    /// Face mesh: RGB `[1, 192, 192, 3]` in 0..1 → 468 points `[1, 1404]` (x, y, z in crop pixels), presence logit `[1, 1]`.
    FaceMesh,
    /// Iris, for eyes whose outer corner is on the left: RGB `[1, 64, 64, 3]` in 0..1 → eye contour `[1, 213]` (71 points), iris `[1, 15]` (5 points), crop pixels.
    Iris,
    /// Selfie segmentation: RGB `[1, 256, 256, 3]` in 0..1 → person probability `[1, 256, 256, 1]` in 0..1.
    Segmenter,
    /// PP-OCRv4 text detection: BGR `[1, 3, H, W]`, H and W multiples of 32 → text probability `[1, 1, H, W]`.
    TextDetector,
    /// PP-OCRv4 recognition: BGR `[N, 3, 48, W]` in −1..1 → class probabilities `[N, T, 6625]`, see [`Models::alphabet`].
    TextRecognizer,
    /// Text line orientation: BGR `[N, 3, 48, 192]` in −1..1 → probabilities of 0° and 180°, `[N, 2]`.
    TextOrientation,
    /// Face descriptor: RGB `[N, 150, 150, 3]` in 0..255 → 128 numbers per face, `[N, 128]`.
    FaceDescriptor,
}

impl ModelId {
    const COUNT: usize = ModelId::FaceDescriptor as usize + 1;

    /// The key of this network in `models.toml`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::FaceDetector => "face_detector",
            Self::FaceMesh => "face_mesh",
            Self::Iris => "iris",
            Self::Segmenter => "segmenter",
            Self::TextDetector => "text_detector",
            Self::TextRecognizer => "text_recognizer",
            Self::TextOrientation => "text_orientation",
            Self::FaceDescriptor => "face_descriptor",
        }
    }
}

/// The opened set of networks; cheap to clone, each network is read and verified once, when first asked for.
#[derive(Clone)]
pub struct Models {
    inner: Arc<Inner>,
}

struct Inner {
    catalogue: Catalogue,
    threads: usize,
    /// By the order of [`ModelId`]; each has a lock of its own, so that several can be opened at once.
    opened: [Mutex<Option<Arc<dyn Model>>>; ModelId::COUNT],
    alphabet: OnceLock<Arc<[String]>>,
    glyphs: OnceLock<Option<Arc<Glyphs>>>,
}

impl Models {
    /// Reads `models.toml` in `dir` and loads the inference runtime from `dir/files`. `threads` is how many threads one
    /// inference may use (at least one).
    ///
    /// # Errors
    /// [`ModelError`] when the catalogue or the runtime is missing, altered or unusable; each says to run `make models`.
    pub fn open(dir: &Path, threads: usize) -> Result<Self, ModelError> {
        let catalogue = Catalogue::read(dir)?;
        runtime::load(&catalogue.runtime()?)?;
        Ok(Self {
            inner: Arc::new(Inner {
                catalogue,
                threads: threads.max(1),
                opened: std::array::from_fn(|_| Mutex::default()),
                alphabet: OnceLock::new(),
                glyphs: OnceLock::new(),
            }),
        })
    }

    /// One stand-in for all networks, which tells them apart by the shapes of their inputs, and an alphabet for it; of the files in
    /// `dir` only `models.toml` is read. Behind feature `fuzzing`.
    ///
    /// # Errors
    /// [`ModelError::Catalogue`] when `models.toml` is none.
    #[cfg(feature = "fuzzing")]
    pub fn standing_in(
        dir: &Path,
        model: &Arc<dyn Model>,
        alphabet: Arc<[String]>,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            inner: Arc::new(Inner {
                catalogue: Catalogue::read(dir)?,
                threads: 1,
                opened: std::array::from_fn(|_| Mutex::new(Some(model.clone()))),
                alphabet: OnceLock::from(alphabet),
                glyphs: OnceLock::from(None),
            }),
        })
    }

    /// The network `id`, opened and checked against its recorded hash on first use.
    ///
    /// # Errors
    /// [`ModelError::Missing`] or [`ModelError::Altered`] when its file is not the pinned one.
    pub fn get(&self, id: ModelId) -> Result<Arc<dyn Model>, ModelError> {
        let mut opened = self.inner.opened[id as usize].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = &*opened {
            return Ok(model.clone());
        }
        let bytes = self.inner.catalogue.model(id)?;
        let model: Arc<dyn Model> = Arc::new(PooledModel::open(id, bytes, self.inner.threads)?);
        *opened = Some(model.clone());
        Ok(model)
    }

    /// Opens the networks that a photo needs, several at once, so that the first photo does not wait for each in turn. One
    /// that cannot be opened is told of when it is needed.
    pub fn prepare_for_photos(&self) {
        use ModelId::{FaceDetector, FaceMesh, Iris, Segmenter};
        [FaceDetector, Segmenter, FaceMesh, Iris].into_par_iter().for_each(|id| drop(self.get(id)));
    }

    /// Makes the shapes that names are held against, so that the first name with a rare character does not wait for them. Takes
    /// seconds; a name that needs them meanwhile waits until they are there.
    pub fn prepare_for_names(&self) {
        if let Some(glyphs) = self.glyphs() {
            glyphs.prepare();
        }
    }

    /// The 6624 characters that [`ModelId::TextRecognizer`]'s classes stand for: class 0 is the blank, class `i` is
    /// `alphabet()[i - 1]`; the last one is the space.
    ///
    /// # Errors
    /// [`ModelError::Missing`] or [`ModelError::Altered`] when the list is not the pinned one.
    pub fn alphabet(&self) -> Result<Arc<[String]>, ModelError> {
        if let Some(alphabet) = self.inner.alphabet.get() {
            return Ok(alphabet.clone());
        }
        let text = self.inner.catalogue.alphabet()?;
        let alphabet: Arc<[String]> = text.lines().map(str::to_owned).collect();
        Ok(self.inner.alphabet.get_or_init(|| alphabet).clone())
    }

    /// The glyphs that names are held against: of the pinned font, and of the file in [`NAME_FONT_VARIABLE`]. None where there is no
    /// font, which is told once; characters that the recogniser does not know then have to be typed.
    pub(crate) fn glyphs(&self) -> Option<Arc<Glyphs>> {
        let open = || {
            let pinned = self.inner.catalogue.font();
            let mut fonts: Vec<Vec<u8>> = pinned
                .inspect_err(
                    |error| tracing::error!(%error, "rare characters in names will have to be typed"),
                )
                .into_iter()
                .collect();
            if let Some(path) = std::env::var_os(NAME_FONT_VARIABLE).map(PathBuf::from) {
                match std::fs::read(&path) {
                    Ok(bytes) => fonts.push(bytes),
                    Err(error) => {
                        tracing::error!(%error, path = %path.display(), "{NAME_FONT_VARIABLE} names no readable file")
                    }
                }
            }
            (!fonts.is_empty()).then(|| Arc::new(Glyphs::new(fonts)))
        };
        self.inner.glyphs.get_or_init(open).clone()
    }
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Models").field("threads", &self.inner.threads).finish_non_exhaustive()
    }
}

/// Where the models lie: `ZHAOYAN_MODELS`, else the first `models/models.toml` beside the executable or one of its
/// ancestors, else `./models`.
#[must_use]
pub fn models_dir() -> PathBuf {
    if let Some(dir) = std::env::var_os("ZHAOYAN_MODELS") {
        return PathBuf::from(dir);
    }
    let executable = std::env::current_exe().unwrap_or_default();
    executable
        .ancestors()
        .skip(1)
        .map(|ancestor| ancestor.join("models"))
        .find(|candidate| candidate.join("models.toml").is_file())
        .unwrap_or_else(|| PathBuf::from("models"))
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
