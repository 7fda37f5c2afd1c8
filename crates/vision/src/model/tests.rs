//! Every network opens and answers in the shape that [`ModelId`] documents; what is missing or altered is refused.
#![allow(clippy::unwrap_used)]

use std::{fs, thread};

use super::{testing::models, *};

/// A network, the shape of its input and the shapes of its outputs.
type Shapes = (ModelId, &'static [usize], &'static [&'static [usize]]);

const SHAPES: [Shapes; 8] = [
    (ModelId::FaceDetector, &[1, 128, 128, 3], &[&[1, 896, 16], &[1, 896, 1]]),
    (ModelId::FaceMesh, &[1, 192, 192, 3], &[&[1, 1404], &[1, 1]]),
    (ModelId::Iris, &[1, 64, 64, 3], &[&[1, 213], &[1, 15]]),
    (ModelId::Segmenter, &[1, 256, 256, 3], &[&[1, 256, 256, 1]]),
    (ModelId::TextDetector, &[1, 3, 64, 96], &[&[1, 1, 64, 96]]),
    (ModelId::TextRecognizer, &[2, 3, 48, 160], &[&[2, 20, 6625]]),
    (ModelId::TextOrientation, &[2, 3, 48, 192], &[&[2, 2]]),
    (ModelId::FaceDescriptor, &[2, 150, 150, 3], &[&[2, 128]]),
];

fn ramp(shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    Tensor::new(shape.to_vec(), (0..count).map(|i| (i % 97) as f32 / 97.0).collect()).unwrap()
}

#[test]
fn every_network_answers_in_its_documented_shape() {
    let Some(models) = models() else { return };
    for (id, input, expected) in SHAPES {
        let outputs = models.get(id).unwrap().run(&[ramp(input).view()]).unwrap();
        let shapes: Vec<_> = outputs.iter().map(Tensor::shape).collect();
        assert_eq!(shapes, expected, "{id:?}");
        assert!(outputs.iter().flat_map(Tensor::data).all(|value| value.is_finite()), "{id:?}");
    }
}

#[test]
fn the_alphabet_names_every_class_but_the_blank() {
    let Some(models) = models() else { return };
    let alphabet = models.alphabet().unwrap();
    assert_eq!(alphabet.len(), 6624);
    assert_eq!(alphabet.last().map(String::as_str), Some(" "));
    assert!(alphabet.iter().all(|character| character.chars().count() == 1));
}

#[test]
fn inferences_side_by_side_answer_as_one_by_one() {
    let Some(models) = models() else { return };
    let input = ramp(&[1, 64, 64, 3]);
    let alone = models.get(ModelId::Iris).unwrap().run(&[input.view()]).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(models.get(ModelId::Iris).unwrap().run(&[input.view()]).unwrap(), alone);
                }
            });
        }
    });
}

#[test]
fn an_input_that_does_not_fit_is_an_error() {
    let Some(models) = models() else { return };
    let iris = models.get(ModelId::Iris).unwrap();
    assert!(matches!(iris.run(&[ramp(&[1, 32, 32, 3]).view()]), Err(ModelError::Run(_))));
    assert!(matches!(iris.run(&[]), Err(ModelError::Run(_))));
    assert!(TensorView::new(&[2, 2], &[0.0; 3]).is_err());
}

#[test]
fn a_missing_or_altered_file_names_the_command_that_mends_it() {
    let Some(_) = models() else { return };
    let from = models_dir();
    let copy = tempfile::tempdir().unwrap();
    let missing = Models::open(copy.path(), 1).unwrap_err();
    assert!(
        matches!(missing, ModelError::Missing(_)) && missing.to_string().contains("make models"),
        "{missing}"
    );

    fs::create_dir(copy.path().join("files")).unwrap();
    fs::copy(from.join("models.toml"), copy.path().join("models.toml")).unwrap();
    fs::copy(from.join("files/libonnxruntime.so"), copy.path().join("files/libonnxruntime.so")).unwrap();
    let models = Models::open(copy.path(), 1).unwrap();
    assert!(matches!(models.get(ModelId::Iris).map(drop), Err(ModelError::Missing(_))));
    fs::write(copy.path().join("files/iris.onnx"), b"another network").unwrap();
    let altered = models.get(ModelId::Iris).map(drop).unwrap_err();
    assert!(
        matches!(altered, ModelError::Altered(_)) && altered.to_string().contains("make models"),
        "{altered}"
    );
}
