//! From a capture to everything that is known about it: faces, measures, and the ID photo made of it.

use std::time::{Duration, Instant};

use domain::{Measures, standard::Standard};
use serde::Serialize;

use crate::{
    checks::{self, Subject},
    decode::{Capture, DecodeError, decode_at_least, decode_for},
    face::{self, FaceBox, FaceError, Point, pose::pose},
    framing::{self, Framing, Head},
    id_photo,
    matte::matte,
    model::{ModelError, Models},
    work::{Halves, Work},
};
pub use crate::{
    face::pose::Pose,
    id_photo::IdPhoto,
    map::{Axes, Lines, Map, WallMap},
};

/// All that was found out about one capture.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// One entry for each check of a photo: measured parts, or the reason why not.
    pub measures: Measures,
    /// The main face.
    pub face: Option<Face>,
    /// How many faces count.
    pub faces: usize,
    /// The photo made of the capture, whatever the checks say; `None` without a face, or when no JPEG of the standard's
    /// size fits its limits of bytes and quality.
    pub photo: Option<IdPhoto>,
    /// Pixels of the photo per pixel of the capture as it was decoded; 0 without a face. Above 1 the photo is an enlargement.
    pub enlargement: f32,
    /// Where the time went.
    pub timing: Timing,
}

/// Why no photo was made of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPhoto {
    /// There is no face to frame.
    NoFace,
    /// No JPEG of the standard's size fits its limits of bytes and quality.
    NoFit,
}

impl Assessment {
    /// The photo, or why there is none.
    ///
    /// # Errors
    /// [`NoPhoto`].
    pub fn made(&self) -> Result<&IdPhoto, NoPhoto> {
        let why = if self.face.is_some() { NoPhoto::NoFit } else { NoPhoto::NoFace };
        self.photo.as_ref().ok_or(why)
    }
}

/// The main face, for reports; pixels of the upright file, whatever it was decoded to. "Right" and "left" are the person's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Face {
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// Left, upper edge, width, height of the detector's box.
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    /// Turn, nod and tilt of the head.
    pub pose: Pose,
    /// Centre of the right eye.
    pub right_eye: [f32; 2],
    /// Centre of the left eye.
    pub left_eye: [f32; 2],
}

/// Milliseconds by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Decoding the upload.
    pub decode: f64,
    /// Finding faces, cutting out the working copy.
    pub detect: f64,
    /// Mesh and irises; beside `matte` where there are threads for both.
    pub mesh: f64,
    /// Separating person and background.
    pub matte: f64,
    /// Framing.
    pub frame: f64,
    /// The checks; beside the encoding where there are threads for both.
    pub measure: f64,
    /// Making the photo: rendering and encoding.
    pub make: f64,
    /// All of it.
    pub total: f64,
}

/// Why a capture could not be assessed at all; whatever is wrong with the picture itself is in the measures.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// A network is missing or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// A photo that has so many more pixels than what it was made of, along a line, shows no less of it.
const ENLARGED: f32 = 1.125;

/// Decodes an upload as small as the standard's photo allows, and has a look at it with `look`; once more at the resolution that is
/// needed where the person is so far away that the photo would be an enlargement of the small one.
///
/// # Errors
/// Those of [`decode`], and those of `look`.
pub fn take<T, E: From<DecodeError>>(
    bytes: &[u8],
    standard: &Standard,
    look: impl Fn(&Capture) -> Result<(Assessment, T), E>,
) -> Result<(Capture, Assessment, T), E> {
    let small = decode_for(bytes, &standard.photo)?;
    let (assessment, also) = look(&small)?;
    if small.scale() >= 1.0 || assessment.enlargement <= ENLARGED {
        return Ok((small, assessment, also));
    }
    let shorter = small.pixels.width().min(small.pixels.height());
    let finer = decode_at_least(bytes, (shorter as f32 * assessment.enlargement).ceil() as u32)?;
    let (assessment, also) = look(&finer)?;
    Ok((finer, assessment, also))
}

/// Measures a capture against what `standard` asks for, and makes the ID photo with the standard's first background.
///
/// # Errors
/// [`AssessError::Model`] when a network is missing or fails. A capture without a face is no error: it counts 0 faces.
pub fn assess(models: &Models, capture: &Capture, standard: &Standard) -> Result<Assessment, AssessError> {
    let background = standard.photo.backgrounds.first().copied().unwrap_or([255; 3]);
    assess_on(models, capture, standard, background)
}

/// As [`assess`], with another background colour.
///
/// # Errors
/// As [`assess`].
pub fn assess_on(
    models: &Models,
    capture: &Capture,
    standard: &Standard,
    background: [u8; 3],
) -> Result<Assessment, AssessError> {
    assess_with(models, capture, standard, background, |_| ()).map(|(assessment, _)| assessment)
}

/// As [`assess`], with a map of what the measures were read from, for pages that show it; `None` without a face.
///
/// # Errors
/// As [`assess`].
pub fn assess_mapped(
    models: &Models,
    capture: &Capture,
    standard: &Standard,
) -> Result<(Assessment, Option<Map>), AssessError> {
    let background = standard.photo.backgrounds.first().copied().unwrap_or([255; 3]);
    assess_with(models, capture, standard, background, Map::of)
}

fn assess_with<T>(
    models: &Models,
    capture: &Capture,
    standard: &Standard,
    background: [u8; 3],
    also: impl FnOnce(&Subject<'_>) -> T,
) -> Result<(Assessment, Option<T>), AssessError> {
    let mut clock = Clock::start(capture.decoding);
    let halves = Halves::of(&capture.pixels);
    // The bars need nothing but the capture: some of the search is one thread's alone.
    let (found, bars) =
        rayon::join(|| face::detect_among(models, &halves), || checks::Bars::of(&capture.pixels));
    let found = match found {
        Ok(found) => found,
        Err(FaceError::NoFace) => Vec::new(),
        Err(FaceError::Model(error)) => return Err(error.into()),
    };
    let faces = checks::counted(&found);
    let Some(main) = found.first() else { return Ok((without_face(0, clock), None)) };

    let work = Work::around(&halves, main);
    let in_work = work.face(main);
    clock.stage(|t| &mut t.detect);
    // Neither needs the other.
    let ((mesh, mesh_took), (matte, matte_took)) = rayon::join(
        || timed(|| face::mesh_seen(models, &|square, out| work.sample(square, out), &in_work)),
        || timed(|| matte(models, &work, &in_work)),
    );
    clock.side_by_side([(|t| &mut t.mesh, mesh_took), (|t| &mut t.matte, matte_took)]);
    let mesh = match mesh {
        Ok(mesh) => mesh,
        Err(FaceError::NoFace) => return Ok((without_face(0, clock), None)),
        Err(FaceError::Model(error)) => return Err(error.into()),
    };
    let matte = matte?;
    let pose = pose(&mesh);
    let [right, left] = framing::eyes(&mesh);

    let head = Head::read(&mesh, &matte, &work);
    let framing = Framing::solve(head, &matte, &work, standard);
    clock.stage(|t| &mut t.frame);
    let subject = Subject {
        work: &work,
        capture_scale: capture.scale(),
        mesh: &mesh,
        pose,
        matte: &matte,
        framing: &framing,
        bars,
        capture,
        background,
    };
    let (rendered, rendering) =
        timed(|| id_photo::render(&capture.pixels, &work, &matte, &framing, background));
    // The checks judge the framing, not the photo that is made by it. Rendering shares itself out among threads, encoding cannot.
    let ((photo, encoding), (measures, measuring)) = rayon::join(
        || timed(|| id_photo::file_of(rendered.as_ref()?, &standard.photo, background)),
        || timed(|| checks::measure(&found, Some(&subject))),
    );
    clock.side_by_side([(|t| &mut t.measure, measuring), (|t| &mut t.make, rendering + encoding)]);

    let face = Face::of(main, pose, [right, left].map(|eye| work.in_capture(eye)), capture.scale());
    let enlargement = framing.scale * work.scale;
    let assessment =
        Assessment { measures, face: Some(face), faces, photo, enlargement, timing: clock.timing() };
    Ok((assessment, Some(also(&subject))))
}

fn without_face(faces: usize, clock: Clock) -> Assessment {
    Assessment {
        measures: checks::measure(&[], None),
        face: None,
        faces,
        photo: None,
        enlargement: 0.0,
        timing: clock.timing(),
    }
}

impl Face {
    /// `scale` is that of the capture to its file.
    fn of(found: &FaceBox, pose: Pose, eyes: [Point; 2], scale: f32) -> Face {
        let [right_eye, left_eye] = eyes.map(|eye| [eye.x / scale, eye.y / scale]);
        let bounds = [found.x, found.y, found.width, found.height].map(|v| v / scale);
        Face { score: found.score, bounds, pose, right_eye, left_eye }
    }
}

/// A stage's place in the timing.
type Stage = fn(&mut Timing) -> &mut f64;

/// Books the time since the last stage.
struct Clock {
    begun: Instant,
    last: Instant,
    timing: Timing,
}

impl Clock {
    fn start(decoding: Duration) -> Clock {
        let now = Instant::now();
        Clock {
            begun: now,
            last: now,
            timing: Timing { decode: milliseconds(decoding), ..Timing::default() },
        }
    }

    fn stage(&mut self, field: impl FnOnce(&mut Timing) -> &mut f64) {
        let now = Instant::now();
        *field(&mut self.timing) = milliseconds(now - self.last);
        self.last = now;
    }

    /// Stages that ran side by side: each has its own time, which together may be more than went by.
    fn side_by_side(&mut self, stages: [(Stage, Duration); 2]) {
        for (field, took) in stages {
            *field(&mut self.timing) = milliseconds(took);
        }
        self.last = Instant::now();
    }

    fn timing(mut self) -> Timing {
        self.timing.total = self.timing.decode + milliseconds(self.begun.elapsed());
        self.timing
    }
}

/// A result, and how long it took.
fn timed<T>(of: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (of(), begun.elapsed())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
