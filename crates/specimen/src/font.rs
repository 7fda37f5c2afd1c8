//! Finds the CJK fonts that drawn cards are set in and paints lines of text with them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ab_glyph::{Font, FontVec, Glyph, PxScale, ScaleFont, point};
use image::{Rgb, RgbaImage};

/// The environment variable that names a folder with the fonts, ahead of the usual folders.
pub const FONTS_VARIABLE: &str = "ZHAOYAN_FONTS";

const FOLDERS: &[&str] = &[
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
    "/usr/local/share/fonts",
];

/// The face for Simplified Chinese in Noto's collections, which hold JP, KR, SC, TC, HK in this order.
const SIMPLIFIED_CHINESE: u32 = 2;

/// Why no font could be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FontError {
    /// The file is in none of the folders.
    #[error(
        "the font {file} is not installed: install the package fonts-noto-cjk (Debian, Ubuntu), or name its folder in {FONTS_VARIABLE}"
    )]
    Missing {
        /// The file looked for.
        file: &'static str,
    },
    /// The file is there but is no font collection.
    #[error("the font {path} cannot be used: it is damaged or holds no face for Simplified Chinese")]
    Damaged {
        /// The file found.
        path: PathBuf,
    },
}

/// The weights a card uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Labels and values.
    Regular,
    /// The number and the title of the emblem side.
    Bold,
}

/// The fonts of a card, opened once per process.
#[derive(Clone)]
pub struct Fonts {
    regular: Arc<FontVec>,
    bold: Arc<FontVec>,
}

impl Fonts {
    /// Opens Noto Sans CJK SC from the folder in `ZHAOYAN_FONTS` or from where distributions install it. The result, good or
    /// bad, is kept for the life of the process.
    pub fn open() -> Result<Fonts, FontError> {
        static OPENED: OnceLock<Result<Fonts, FontError>> = OnceLock::new();
        OPENED
            .get_or_init(|| {
                Ok(Fonts {
                    regular: Arc::new(face("NotoSansCJK-Regular.ttc")?),
                    bold: Arc::new(face("NotoSansCJK-Bold.ttc")?),
                })
            })
            .clone()
    }

    /// The first face of a font file, for every weight: to draw a card in another typeface than the usual one.
    ///
    /// # Errors
    /// [`FontError::Damaged`] when it cannot be read or is no font.
    pub fn of_file(path: &Path) -> Result<Fonts, FontError> {
        let damaged = || FontError::Damaged { path: path.to_owned() };
        let bytes = std::fs::read(path).map_err(|_| damaged())?;
        let face = Arc::new(FontVec::try_from_vec_and_index(bytes, 0).map_err(|_| damaged())?);
        Ok(Fonts { regular: face.clone(), bold: face })
    }

    /// Whether the font can draw the character.
    pub fn has(&self, character: char) -> bool {
        self.regular.glyph_id(character).0 != 0
    }

    fn face(&self, weight: Weight) -> &FontVec {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

fn face(file: &'static str) -> Result<FontVec, FontError> {
    let configured = std::env::var_os(FONTS_VARIABLE).map(PathBuf::from);
    let path = configured
        .iter()
        .map(PathBuf::as_path)
        .chain(FOLDERS.iter().map(Path::new))
        .map(|folder| folder.join(file))
        .find(|path| path.is_file())
        .ok_or(FontError::Missing { file })?;
    let damaged = || FontError::Damaged { path: path.clone() };
    let bytes = std::fs::read(&path).map_err(|_| damaged())?;
    FontVec::try_from_vec_and_index(bytes, SIMPLIFIED_CHINESE).map_err(|_| damaged())
}

/// How a line of text is set. Lengths in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Size of the em square.
    pub em: f32,
    /// Added after each glyph.
    pub tracking: f32,
    /// Weight of the face.
    pub weight: Weight,
    /// Ink.
    pub colour: [u8; 3],
    /// 0 invisible, 1 solid.
    pub opacity: f32,
}

/// Lays glyphs out from the left end of the line, whose em box has its top at y = 0; returns them with the line's width.
fn lay(font: &FontVec, text: &str, setting: &Setting) -> (Vec<Glyph>, f32) {
    let scale = PxScale::from(setting.em * units_ratio(font));
    let scaled = font.as_scaled(scale);
    let mut glyphs = Vec::new();
    let mut x = 0.0;
    // The ideographic em box of Noto CJK reaches from 0.88 em above the baseline to 0.12 em below it.
    let baseline = 0.88 * setting.em;
    for character in text.chars() {
        let id = scaled.glyph_id(character);
        glyphs.push(id.with_scale_and_position(scale, point(x, baseline)));
        x += scaled.h_advance(id) + setting.tracking;
    }
    (glyphs, (x - setting.tracking).max(0.0))
}

/// ab_glyph scales by ascent minus descent; this is that height per em.
fn units_ratio(font: &FontVec) -> f32 {
    font.units_per_em().map_or(1.0, |units| font.height_unscaled() / units)
}

/// Width of the line in pixels.
pub fn width(fonts: &Fonts, text: &str, setting: &Setting) -> f32 {
    lay(fonts.face(setting.weight), text, setting).1
}

/// Paints one line with the top left corner of its first em box at (`left`, `top`) and returns its width. What falls outside
/// the picture is left out; the picture's own transparency is kept.
pub fn paint(
    picture: &mut RgbaImage,
    fonts: &Fonts,
    text: &str,
    setting: &Setting,
    left: f32,
    top: f32,
) -> f32 {
    let font = fonts.face(setting.weight);
    let (glyphs, width) = lay(font, text, setting);
    let (w, h) = (i64::from(picture.width()), i64::from(picture.height()));
    for mut glyph in glyphs {
        glyph.position.x += left;
        glyph.position.y += top;
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        let (left, top) = (bounds.min.x.floor() as i64, bounds.min.y.floor() as i64);
        outline.draw(|dx, dy, coverage| {
            let (x, y) = (left + i64::from(dx), top + i64::from(dy));
            if x >= 0 && y >= 0 && x < w && y < h {
                let pixel = picture.get_pixel_mut(x as u32, y as u32);
                let mixed = mix([pixel[0], pixel[1], pixel[2]], setting.colour, coverage * setting.opacity);
                (pixel[0], pixel[1], pixel[2]) = (mixed[0], mixed[1], mixed[2]);
            }
        });
    }
    width
}

/// Blends `over` onto `under`; `amount` 0 to 1.
pub(crate) fn mix(under: [u8; 3], over: [u8; 3], amount: f32) -> Rgb<u8> {
    let amount = amount.clamp(0.0, 1.0);
    Rgb(std::array::from_fn(|i| {
        (f32::from(under[i]) + (f32::from(over[i]) - f32::from(under[i])) * amount).round() as u8
    }))
}
