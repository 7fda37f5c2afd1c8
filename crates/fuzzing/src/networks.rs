//! Networks that say what a fuzzer wants, in the shapes that the real ones answer in: what is made of their answers is fuzzed, in a
//! fraction of the time that they would take.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use vision::model::{Model, ModelError, Models, Tensor, TensorView};

/// How many bytes direct the networks.
pub(crate) const STREAM: usize = 512;

/// What the recogniser's classes stand for.
const ALPHABET: &str = "0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ<.-/·, 姓名性别出生住址公民身份号码男女汉满回族年月日样本省市区县街路号\
    中华人民共和国居证签发机关有效期限长期港澳台次外永久留国籍媽龍";

/// Networks whose answers are read off these bytes, in a way that depends on nothing else but the question's shape.
pub(crate) fn directed_by(stream: &[u8]) -> Models {
    static CHARACTERS: LazyLock<Arc<[String]>> =
        LazyLock::new(|| ALPHABET.chars().map(String::from).collect());
    let model: Arc<dyn Model> = Arc::new(Directed { stream: stream.to_vec(), classes: CHARACTERS.len() + 1 });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    Models::standing_in(&folder, &model, CHARACTERS.clone()).expect("models.toml is one")
}

struct Directed {
    stream: Vec<u8>,
    classes: usize,
}

impl Directed {
    fn byte(&self, at: usize) -> u8 {
        self.stream[at % self.stream.len()]
    }

    /// -1 to 1.
    fn share(&self, at: usize) -> f32 {
        (f32::from(self.byte(at)) - 127.5) / 127.5
    }

    /// Boxes and their logits: up to three faces where the bytes say.
    fn faces(&self) -> Vec<(Vec<usize>, Vec<f32>)> {
        const ANCHORS: usize = 896;
        let (mut boxes, mut logits) = (vec![0.0; ANCHORS * 16], vec![-20.0; ANCHORS]);
        for face in 0..usize::from(self.byte(1) % 4) {
            let at = 2 + face * 19;
            let anchor = (usize::from(self.byte(at)) << 8 | usize::from(self.byte(at + 1))) % ANCHORS;
            logits[anchor] = 10.0 * self.share(at + 2);
            for k in 0..16 {
                boxes[anchor * 16 + k] = 128.0 * self.share(at + 3 + k);
            }
        }
        vec![(vec![1, ANCHORS, 16], boxes), (vec![1, ANCHORS, 1], logits)]
    }

    /// Points about an ellipse in a crop of that side, and as far off it as the bytes say.
    fn points(&self, count: usize, side: f32) -> Vec<f32> {
        let off = side * f32::from(self.byte(64)) / 255.0;
        let point = |i: usize| {
            let turn = i as f32 * 0.7;
            let reach = side * 0.4 * (i % 13) as f32 / 12.0;
            let (x, y) = (side / 2.0 + reach * turn.cos(), side / 2.0 + reach * turn.sin());
            [x + off * self.share(65 + 3 * i), y + off * self.share(66 + 3 * i), off * self.share(67 + 3 * i)]
        };
        (0..count).flat_map(point).collect()
    }

    /// A person in the middle; cells of 16 pixels may be the other way round, or doubtful.
    fn person(&self, side: usize) -> Vec<f32> {
        let value = |i: usize| {
            let (x, y) = ((i % side) as f32 / side as f32, (i / side) as f32 / side as f32);
            let inside = ((x - 0.5) / 0.3).powi(2) + ((y - 0.6) / 0.5).powi(2) < 1.0;
            let told = self.byte(128 + (i / side / 16) * (side / 16) + i % side / 16);
            match told % 4 {
                3 => f32::from(told) / 255.0,
                2 => f32::from(u8::from(!inside)),
                _ => f32::from(u8::from(inside)),
            }
        };
        (0..side * side).map(value).collect()
    }

    /// A byte for each step: the class that is likeliest, or the blank where there is none of that number.
    fn text(&self, lines: usize, steps: usize) -> Vec<f32> {
        let mut values = vec![0.0; lines * steps * self.classes];
        for (step, row) in values.chunks_exact_mut(self.classes).enumerate() {
            let told = usize::from(self.byte(1 + step));
            let sure = 0.5 + f32::from(self.byte(2 + step)) / 512.0;
            row[0] = 1.0 - sure;
            row[if told < self.classes { told } else { 0 }] += sure;
        }
        values
    }
}

impl Model for Directed {
    fn run(&self, inputs: &[TensorView<'_>]) -> Result<Vec<Tensor>, ModelError> {
        let shape = inputs.first().map(TensorView::shape).unwrap_or_default();
        let answers = match *shape {
            [1, 128, 128, 3] => self.faces(),
            [1, 192, 192, 3] => {
                vec![(vec![1, 1404], self.points(468, 192.0)), (vec![1, 1], vec![10.0 * self.share(63)])]
            }
            [1, 64, 64, 3] => {
                vec![(vec![1, 213], self.points(71, 64.0)), (vec![1, 15], self.points(5, 64.0))]
            }
            [1, side @ 256, 256, 3] => vec![(vec![1, side, side, 1], self.person(side))],
            [lines, 3, 48, width] => {
                vec![(vec![lines, width / 8, self.classes], self.text(lines, width / 8))]
            }
            _ => return Err(ModelError::Run(format!("no network takes {shape:?}"))),
        };
        answers.into_iter().map(|(shape, data)| Tensor::new(shape, data)).collect()
    }
}
