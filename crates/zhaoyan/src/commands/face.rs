//! `zhaoyan face`: how alike the faces of two pictures are, and how far apart all those of a folder are.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vision::{
    compare::{
        self, Descriptor, SAME_PERSON, distance_of,
        rates::{Distances, quantile},
    },
    decode,
    model::{Models, models_dir},
};

use crate::batch::{self, Voice};

/// Face comparison.
#[derive(Debug, Subcommand)]
pub enum Face {
    /// Compare the main faces of two pictures. Exits 0 if they look like one person, 1 if not, 2 if that cannot be said.
    Compare {
        /// One picture.
        a: PathBuf,
        /// The other.
        b: PathBuf,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Compare every two pictures of a folder. Exits 0, or 2 if some could not be compared.
    ///
    /// Where names begin with who is shown and an underscore (li_1.jpg, li_card.jpg), the distances of one person's pictures and of
    /// different people's are told apart, with the rates of false matches and false non-matches.
    DistanceTable(Table),
}

/// `face distance-table`
#[derive(Debug, Args)]
pub struct Table {
    /// The folder; its JPEG, PNG and WebP files are compared, not those of folders inside it.
    dir: PathBuf,
    /// One JSON object per line: each pair, and the figures at the end.
    #[arg(long)]
    json: bool,
    /// Most pictures that are compared; every two of them are a pair.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    most: usize,
}

/// Runs the command.
pub fn run(command: Face) -> anyhow::Result<ExitCode> {
    batch::quietly(match command {
        Face::Compare { a, b, json } => compare(&a, &b, json),
        Face::DistanceTable(table) => distance_table(&table),
    })
}

fn compare(a: &Path, b: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let models = Models::open(&models_dir(), cores())?;
    let distance = describe(&models, a)?.distance(&describe(&models, b)?);
    let similarity = compare::similarity(distance);
    let same_person = similarity >= SAME_PERSON;
    if json {
        println!(
            "{}",
            json!({"similarity": round(similarity, 1), "same_person": same_person, "distance": round(distance, 3)})
        );
    } else {
        let word = if same_person {
            "像同一人 looks like one person"
        } else {
            "不像同一人 looks like two people"
        };
        println!("{similarity:.1} / 100  {word}");
    }
    Ok(ExitCode::from(u8::from(!same_person)))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn round(value: f32, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (f64::from(value) * scale).round() / scale
}

fn describe(models: &Models, file: &Path) -> anyhow::Result<Descriptor> {
    let context = || format!("{}", file.display());
    let bytes = fs::read(file).with_context(context)?;
    let capture = decode::decode(&bytes).with_context(context)?;
    compare::descriptor(models, &capture.pixels).with_context(context)
}

/// A picture that was described.
struct Described {
    name: String,
    /// Who is shown, as the name says.
    label: Option<String>,
    descriptor: Descriptor,
}

/// Two pictures.
struct Pair<'a> {
    a: &'a Described,
    b: &'a Described,
    distance: f32,
}

impl Pair<'_> {
    /// What the names say; `None` where one says nothing.
    fn same_person(&self) -> Option<bool> {
        Some(self.a.label.as_ref()? == self.b.label.as_ref()?)
    }
}

fn distance_table(table: &Table) -> anyhow::Result<ExitCode> {
    let files = pictures(&table.dir)?;
    if files.len() > table.most {
        bail!(
            "{}: there are {} pictures, and at most {} are compared; allow more with --most {0}",
            table.dir.display(),
            files.len(),
            table.most
        );
    }
    let models = Models::open(&models_dir(), 1)?;
    let voice = Voice::new(files.len());
    let (mut described, mut left_out) = (Vec::new(), Vec::new());
    batch::in_order(
        &files,
        cores(),
        |_, file| describe(&models, file),
        |file, found| {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match found {
                Ok(descriptor) => described.push(Described { label: label(&name), name, descriptor }),
                Err(error) => {
                    voice.complain(&format!("{error:#}"));
                    left_out.push(json!({"file": name, "reason": error.root_cause().to_string()}));
                }
            }
            Ok(voice.say("")?)
        },
    )?;
    voice.end();
    let pairs: Vec<Pair> = described
        .iter()
        .enumerate()
        .flat_map(|(i, b)| described[..i].iter().map(move |a| (a, b)))
        .map(|(a, b)| Pair { a, b, distance: a.descriptor.distance(&b.descriptor) })
        .collect();
    let known = |same: bool| {
        let of_kind = pairs.iter().filter(move |pair| pair.same_person() == Some(same));
        of_kind.map(|pair| pair.distance).collect::<Vec<_>>()
    };
    let distances = Distances::new(known(true), known(false));
    let all = Distances::new(Vec::new(), pairs.iter().map(|pair| pair.distance).collect());
    let told = if table.json {
        in_json(&pairs, &described, &left_out, &distances, all.different())
    } else {
        in_words(&pairs, &described, left_out.len(), &distances, all.different())
    };
    Voice::new(0).say(&told)?;
    Ok(ExitCode::from(if left_out.is_empty() { 0 } else { 2 }))
}

/// The pictures of a folder in the order of their names.
fn pictures(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{} cannot be read", dir.display()))?.path();
        let kind = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_file() && ["jpg", "jpeg", "png", "webp"].contains(&kind.as_str()) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("{} holds no pictures: JPEG, PNG and WebP files are compared", dir.display());
    }
    files.sort();
    Ok(files)
}

/// Who is shown: what stands before the first underscore.
fn label(name: &str) -> Option<String> {
    let (label, _) = name.split_once('_')?;
    (!label.is_empty()).then(|| label.to_owned())
}

/// The limits that the table of rates tells, as similarities.
const LIMITS: [f32; 11] = [1.0, 2.0, 5.0, 9.0, 20.0, 50.0, 80.0, 95.0, 99.0, 99.5, 99.8];

fn spread(ascending: &[f32]) -> Value {
    let at = |share| quantile(ascending, share).map(|distance| round(distance, 3));
    json!({"pairs": ascending.len(), "least": at(0.0), "1%": at(0.01), "5%": at(0.05), "median": at(0.5),
        "95%": at(0.95), "99%": at(0.99), "most": at(1.0)})
}

fn in_json(
    pairs: &[Pair],
    described: &[Described],
    left_out: &[Value],
    distances: &Distances,
    all: &[f32],
) -> String {
    let mut told = String::new();
    let mut line = |value: Value| {
        told += &value.to_string();
        told.push('\n');
    };
    for pair in pairs {
        line(json!({
            "a": pair.a.name, "b": pair.b.name, "distance": round(pair.distance, 4),
            "similarity": round(compare::similarity(pair.distance), 2), "same_person": pair.same_person(),
        }));
    }
    let rates: Vec<Value> = LIMITS
        .iter()
        .map(|&similarity| {
            let limit = distance_of(similarity);
            json!({"similarity": round(similarity, 1), "distance": round(limit, 3),
                "false_match": distances.false_match(limit), "false_non_match": distances.false_non_match(limit)})
        })
        .collect();
    let equal_error = distances.equal_error().map(|at| {
        json!({"rate": at.rate, "distance": round(at.distance, 3),
            "similarity": round(compare::similarity(at.distance), 2)})
    });
    let people: BTreeMap<&str, usize> =
        described.iter().filter_map(|d| d.label.as_deref()).fold(BTreeMap::new(), |mut people, label| {
            *people.entry(label).or_default() += 1;
            people
        });
    line(json!({
        "pictures": described.len(), "people": people.len(), "left_out": left_out, "all": spread(all),
        "same": spread(distances.same()), "different": spread(distances.different()),
        "equal_error": equal_error, "rates": rates,
    }));
    told
}

/// Most pictures whose distances are printed as a square.
const SQUARE: usize = 12;

fn in_words(
    pairs: &[Pair],
    described: &[Described],
    left_out: usize,
    distances: &Distances,
    all: &[f32],
) -> String {
    let mut told = String::new();
    let mut say = |line: std::fmt::Arguments| {
        // Writing to a string cannot fail.
        let _ = writeln!(told, "{line}");
    };
    if described.len() <= SQUARE {
        let mut rest = pairs.iter();
        for (i, picture) in described.iter().enumerate() {
            let row: String = rest.by_ref().take(i).map(|pair| format!("  {:.3}", pair.distance)).collect();
            say(format_args!("{:>3}  {:32}{row}", i + 1, picture.name));
        }
    } else {
        say(format_args!("每一对的距离用 --json 输出 · every pair with --json"));
    }
    say(format_args!(
        "共 {} 张照片，{} 对，{left_out} 张无法比对 · {0} pictures, {1} pairs, {left_out} could not be compared",
        described.len(),
        pairs.len()
    ));
    for (name, ascending) in [
        ("全部 all", all),
        ("同一人 one person", distances.same()),
        ("不同人 different people", distances.different()),
    ] {
        let at = |share| quantile(ascending, share).unwrap_or(f32::NAN);
        if !ascending.is_empty() {
            say(format_args!(
                "{name}: {} × {:.3} … 中位数 median {:.3} … {:.3}",
                ascending.len(),
                at(0.0),
                at(0.5),
                at(1.0)
            ));
        }
    }
    if let Some(equal) = distances.equal_error() {
        say(format_args!(
            "等错误率 equal error rate {:.2} %，距离 distance {:.3}，相似度 similarity {:.1}",
            equal.rate * 100.0,
            equal.distance,
            compare::similarity(equal.distance)
        ));
        say(format_args!("相似度 similarity  距离 distance  误认 false match  误拒 false non-match"));
        for similarity in LIMITS {
            let limit = distance_of(similarity);
            let rate = |share: Option<f64>| share.map_or(f64::NAN, |share| share * 100.0);
            say(format_args!(
                "{similarity:>14.1}  {limit:>12.3}  {:>14.2} %  {:>18.2} %",
                rate(distances.false_match(limit)),
                rate(distances.false_non_match(limit))
            ));
        }
    }
    told
}
