//! Reads lines of text with PP-OCRv4: crop, scale, infer, many at once where they are known, decode, freely or against a list of
//! possible words.

use std::sync::{Arc, Mutex, PoisonError};

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8,
};
use image::GrayImage;
use rayon::prelude::*;

use super::rectify::pixels_of;
use super::simplified;
use crate::model::{Model, ModelError, ModelId, Models, TensorView};

/// Height of the recogniser's input in pixels.
const HEIGHT: u32 = 48;
/// Least width of its input: narrower crops get paper on the right.
const LEAST_WIDTH: u32 = 96;
/// Pixels of the input per time step of the output.
const STEP: u32 = 8;

/// Share of the probability on characters that no card prints up to which it is taken for the recogniser's love of traditional forms
/// and given to the others; beyond it, the glyph is something else.
const MOST_NOT_PRINTED: f32 = 0.65;

/// Lines go through the recogniser together as long as the narrowest is at least this share of the widest, to whose width all are
/// filled up with paper.
const ALIKE: f32 = 0.7;

/// A place to read: a plane, and in it left, top, right, bottom in millimetres.
pub(super) type Zone<'a> = (&'a GrayImage, [f32; 4]);

/// The recogniser with its alphabet.
pub(super) struct Reader {
    model: Arc<dyn Model>,
    alphabet: Arc<Alphabet>,
    ahead: Mutex<Vec<Ahead>>,
}

/// What was read ahead of one zone.
struct Ahead {
    /// Where its plane lies in memory.
    plane: usize,
    area: [f32; 4],
    steps: Arc<Steps>,
}

/// What the recogniser's classes stand for. Class 0 is the blank.
struct Alphabet {
    /// Class `i` is the character `i - 1`.
    characters: Vec<char>,
    /// Classes of characters that no card prints, ascending.
    not_printed: Vec<usize>,
    /// By class, whether cards print it; they do print blanks.
    printed: Vec<bool>,
}

impl Alphabet {
    fn new(texts: &[String]) -> Alphabet {
        let characters: Vec<char> = texts.iter().map(|text| text.chars().next().unwrap_or(' ')).collect();
        let printed: Vec<bool> =
            std::iter::once(true).chain(characters.iter().map(|c| simplified::is_printed(*c))).collect();
        let not_printed = (0..printed.len()).filter(|class| !printed[*class]).collect();
        Alphabet { characters, not_printed, printed }
    }
}

/// One character as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Character {
    /// The character.
    pub glyph: char,
    /// Its probability by the recogniser, which is near 1 for many a wrong one.
    pub sure: f32,
    /// Where in the line it was seen: 0 at the left end of the crop, 1 at the right.
    pub at: f32,
}

/// What was read in one line.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    /// The characters from left to right.
    pub characters: Vec<Character>,
}

impl Read {
    /// The text.
    pub fn text(&self) -> String {
        self.characters.iter().map(|c| c.glyph).collect()
    }

    /// The least sure character's probability; 0 when nothing was read.
    pub fn confidence(&self) -> f32 {
        self.characters.iter().map(|c| c.sure).reduce(f32::min).unwrap_or(0.0)
    }
}

/// Class probabilities by time step.
pub(super) struct Steps {
    classes: usize,
    /// Steps that cover the crop; those behind it cover added paper.
    across: f32,
    values: Vec<f32>,
    alphabet: Arc<Alphabet>,
}

impl Reader {
    /// Opens the recogniser.
    pub fn open(models: &Models) -> Result<Reader, ModelError> {
        Ok(Reader {
            model: models.get(ModelId::TextRecognizer)?,
            alphabet: Arc::new(Alphabet::new(&models.alphabet()?)),
            ahead: Mutex::default(),
        })
    }

    /// Runs the recogniser over all of these zones at once, so that [`Reader::steps_in`] has them at hand. What was read ahead before is
    /// forgotten.
    pub fn read_ahead(&self, zones: &[Zone<'_>]) -> Result<(), ModelError> {
        let lines: Vec<Line> = zones.iter().map(|(plane, area)| Line::of(plane, *area)).collect();
        let read = self.steps_of(&lines)?;
        let ahead = zones.iter().zip(read).map(|((plane, area), steps)| Ahead {
            plane: place(plane),
            area: *area,
            steps: Arc::new(steps),
        });
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = ahead.collect();
        Ok(())
    }

    /// Runs the recogniser over the part of `plane` inside `area` (millimetres: left, top, right, bottom), unless it was read ahead.
    pub fn steps_in(&self, plane: &GrayImage, area: [f32; 4]) -> Result<Arc<Steps>, ModelError> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ahead.iter().find(|known| known.plane == place(plane) && known.area == area) {
            return Ok(known.steps.clone());
        }
        drop(ahead);
        let mut read = self.steps_of(&[Line::of(plane, area)])?;
        read.pop().map(Arc::new).ok_or_else(|| ModelError::Run("no output".into()))
    }

    /// Runs the recogniser over pictures of one line each, those of about the same width together.
    fn steps_of(&self, lines: &[Line]) -> Result<Vec<Steps>, ModelError> {
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(lines[*i].width));
        let alike =
            |widest: &usize, other: &usize| lines[*other].width as f32 >= ALIKE * lines[*widest].width as f32;
        let mut batches: Vec<Vec<usize>> = Vec::new();
        for i in order {
            match batches.last_mut().filter(|batch| alike(&batch[0], &i)) {
                Some(batch) => batch.push(i),
                None => batches.push(vec![i]),
            }
        }
        let read: Vec<Vec<(usize, Steps)>> = batches
            .into_par_iter()
            .map(|batch| {
                let together: Vec<&Line> = batch.iter().map(|i| &lines[*i]).collect();
                Ok(batch.into_iter().zip(self.batch(&together)?).collect())
            })
            .collect::<Result<_, ModelError>>()?;
        let mut read: Vec<(usize, Steps)> = read.into_iter().flatten().collect();
        read.sort_by_key(|(i, _)| *i);
        Ok(read.into_iter().map(|(_, steps)| steps).collect())
    }

    /// One run of the recogniser.
    fn batch(&self, lines: &[&Line]) -> Result<Vec<Steps>, ModelError> {
        let widest = lines.iter().map(|l| l.width).max().unwrap_or(0);
        let padded = widest.max(LEAST_WIDTH).next_multiple_of(STEP) as usize;
        let plane = padded * HEIGHT as usize;
        let mut input = vec![1.0f32; lines.len() * 3 * plane];
        for (line, input) in lines.iter().zip(input.chunks_exact_mut(3 * plane)) {
            let width = line.width as usize;
            let (first, others) = input.split_at_mut(plane);
            for (row, out) in line.pixels.chunks_exact(width).zip(first.chunks_exact_mut(padded)) {
                out.iter_mut().zip(row).for_each(|(out, value)| *out = f32::from(*value) / 127.5 - 1.0);
            }
            others.chunks_exact_mut(plane).for_each(|channel| channel.copy_from_slice(first));
        }
        let shape = [lines.len(), 3, HEIGHT as usize, padded];
        let output = self.model.run(&[TensorView::new(&shape, &input)?])?;
        let tensor = output.into_iter().next().ok_or_else(|| ModelError::Run("no output".into()))?;
        let classes = *tensor.shape().last().unwrap_or(&0);
        if classes != self.alphabet.characters.len() + 1 {
            return Err(ModelError::Run(format!(
                "the recogniser has {classes} classes, its alphabet {}",
                self.alphabet.characters.len()
            )));
        }
        let values = tensor.into_data();
        let each = values.len() / lines.len().max(1);
        let read = lines.iter().zip(values.chunks_exact(each.max(1)));
        Ok(read
            .map(|(line, values)| Steps {
                classes,
                across: line.width as f32 / STEP as f32,
                values: values.to_vec(),
                alphabet: self.alphabet.clone(),
            })
            .collect())
    }
}

/// Where a plane lies in memory, which tells it from the others of the same card.
fn place(plane: &GrayImage) -> usize {
    plane.as_raw().as_ptr() as usize
}

/// A picture of one line at the recogniser's height.
struct Line {
    width: u32,
    pixels: Vec<u8>,
}

impl Line {
    /// The part of `plane` inside `area`; white where there is none.
    fn of(plane: &GrayImage, area: [f32; 4]) -> Line {
        let [left, top, right, bottom] = pixels_of(plane, area);
        let (wide, high) = (right - left, bottom - top);
        let white = || Line { width: STEP, pixels: vec![255; (STEP * HEIGHT) as usize] };
        if wide == 0 || high == 0 {
            return white();
        }
        let width = (wide * HEIGHT).div_ceil(high).clamp(STEP, 3200);
        let scaled = || {
            let options = ResizeOptions::new()
                .crop(f64::from(left), f64::from(top), f64::from(wide), f64::from(high))
                .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
            let mut pixels = vec![0; (width * HEIGHT) as usize];
            let source =
                TypedImageRef::<U8>::from_buffer(plane.width(), plane.height(), plane.as_raw()).ok()?;
            let mut target = TypedImage::<U8>::from_buffer(width, HEIGHT, &mut pixels).ok()?;
            Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
            Some(Line { width, pixels })
        };
        scaled().unwrap_or_else(white)
    }
}

impl Steps {
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.classes.max(1))
    }

    /// The likeliest character at each step, of those that cards print; repeats and blanks dropped (CTC, greedy). Spaces are left out.
    pub fn read(&self) -> Read {
        self.read_classes(&self.alphabet.printed)
    }

    /// As [`Steps::read`], with only the characters for which `allowed` answers.
    pub fn read_only(&self, allowed: impl Fn(char) -> bool) -> Read {
        let characters = self.alphabet.characters.iter().map(|c| allowed(*c));
        self.read_classes(&std::iter::once(true).chain(characters).collect::<Vec<bool>>())
    }

    fn read_classes(&self, allowed: &[bool]) -> Read {
        let mut read = Read::default();
        let mut last = 0;
        for (step, row) in self.rows().enumerate() {
            let (mut best, mut probability) = (0, row[0]);
            for (class, (&p, &allowed)) in row.iter().zip(allowed).enumerate() {
                // Probabilities add up to one: nothing can be likelier.
                if probability > 0.5 {
                    break;
                }
                if p > probability && allowed {
                    (best, probability) = (class, p);
                }
            }
            if best != 0 {
                let glyph = self.alphabet.characters[best - 1];
                let sure = self.without_not_printed(row, probability);
                if best != last {
                    if !glyph.is_whitespace() {
                        let at = ((step as f32 + 0.5) / self.across).min(1.0);
                        read.characters.push(Character { glyph, sure, at });
                    }
                } else if let Some(tail) = read.characters.last_mut().filter(|tail| tail.glyph == glyph) {
                    // A character keeps the highest probability of its steps.
                    tail.sure = tail.sure.max(sure);
                }
            }
            last = best;
        }
        read
    }

    /// The probability among the characters that cards print.
    fn without_not_printed(&self, row: &[f32], probability: f32) -> f32 {
        let lost: f32 = self.alphabet.not_printed.iter().map(|class| row[*class]).sum();
        if lost < MOST_NOT_PRINTED { probability / (1.0 - lost) } else { probability }
    }

    /// The mean log probability per character of the likeliest of `words`, with that word's place, and how far it is ahead of the
    /// next one in log probability (CTC forward algorithm, Graves 2006). Words with characters beyond the alphabet are passed over.
    pub fn choose(&self, words: &[&str]) -> Option<(usize, f32, f32)> {
        let mut scores: Vec<(usize, f32, usize)> = words
            .iter()
            .enumerate()
            .filter_map(|(i, word)| {
                let classes: Vec<usize> = word.chars().map(|c| self.class(c)).collect::<Option<_>>()?;
                Some((i, self.log_probability(&classes), classes.len()))
            })
            .collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (word, best, length) = *scores.first()?;
        let next = scores.get(1).map_or(f32::MIN / 2.0, |s| s.1);
        Some((word, best / length.max(1) as f32, best - next))
    }

    fn class(&self, character: char) -> Option<usize> {
        self.alphabet.characters.iter().position(|c| *c == character).map(|i| i + 1)
    }

    fn log_probability(&self, classes: &[usize]) -> f32 {
        let mut extended = vec![0];
        for &class in classes {
            extended.extend([class, 0]);
        }
        let n = extended.len();
        let space = self.class(' ');
        let mut forward = vec![f32::NEG_INFINITY; n];
        for (t, row) in self.rows().enumerate() {
            let before = forward.clone();
            for s in 0..n {
                let mut sum = if t == 0 { if s < 2 { 0.0 } else { f32::NEG_INFINITY } } else { before[s] };
                if t > 0 && s > 0 {
                    sum = add_logs(sum, before[s - 1]);
                }
                if t > 0 && s > 1 && extended[s] != 0 && extended[s] != extended[s - 2] {
                    sum = add_logs(sum, before[s - 2]);
                }
                // Words hold no spaces: a space seen between their characters is as good as a blank.
                let extra = space.filter(|_| extended[s] == 0).map_or(0.0, |space| row[space]);
                forward[s] = sum + (row[extended[s]] + extra).max(1e-10).ln();
            }
        }
        let end = forward.get(n.wrapping_sub(2)).copied().unwrap_or(f32::NEG_INFINITY);
        add_logs(forward[n - 1], end)
    }
}

fn add_logs(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn steps(rows: &[[f32; 4]]) -> Steps {
        Steps {
            classes: 4,
            across: rows.len() as f32,
            values: rows.concat(),
            alphabet: Arc::new(Alphabet::new(&["男", "女", "媽"].map(str::to_owned))),
        }
    }

    #[test]
    fn repeats_are_one_character_unless_a_blank_parts_them() {
        let read =
            steps(&[[0.1, 0.9, 0.0, 0.0], [0.2, 0.8, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0], [0.3, 0.7, 0.0, 0.0]])
                .read();
        assert_eq!(read.text(), "男男");
        assert!((read.confidence() - 0.7).abs() < 1e-6);
    }

    #[test]
    fn a_traditional_form_gives_way_to_what_cards_print() {
        let read = steps(&[[0.0, 0.0, 0.45, 0.55]]).read();
        assert_eq!(read.text(), "女");
        assert!(read.confidence() > 0.99);
        assert!(steps(&[[0.0, 0.0, 0.1, 0.9]]).read().confidence() < 0.2);
    }

    #[test]
    fn the_likelier_word_is_chosen() {
        let (word, per_character, ahead) =
            steps(&[[0.1, 0.3, 0.6, 0.0]]).choose(&["男", "女", "龑"]).unwrap();
        assert_eq!(word, 1);
        assert!(per_character > -0.6 && ahead > 0.6);
    }

    #[test]
    fn no_steps_read_as_nothing() {
        assert_eq!(steps(&[]).read().text(), "");
        assert_eq!(steps(&[]).read().confidence(), 0.0);
    }
}
