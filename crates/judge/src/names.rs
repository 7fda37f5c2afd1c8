//! How rare characters in names fare: cards with drawn names, read alone, with the registration's name, and with one that differs in a
//! character that resembles the right one.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use domain::PersonName;
use rayon::prelude::*;
use specimen::capture::{CardScene, capture};
use specimen::card::portrait_side_in;
use specimen::font::Fonts;
use specimen::names::RareName;
use specimen::people::Person;
use vision::card::{CardReading, read_portrait_side_expecting};
use vision::decode::decode;
use vision::model::Models;

/// What came of the names.
#[derive(Debug, Default)]
pub struct NamesRun {
    /// Cards read.
    pub names: usize,
    /// Read alone with fewer glyphs than printed.
    pub shortened: Vec<String>,
    /// Read alone, or with the registration's name or a wrong one, with a character that is not printed.
    pub altered: Vec<String>,
    /// Read whole without the registration.
    pub whole: usize,
    /// Read alone with a box for a character that the recogniser knows.
    pub boxed: Vec<String>,
    /// No name at all: too many glyphs could not be read, or no card was found.
    pub unread: Vec<String>,
    /// The registration's name was taken.
    pub taken: usize,
    /// It was not: the candidate types one character or two.
    pub asked: Vec<String>,
    /// Registrations that differ from the card by one similar character.
    pub differing: usize,
    /// Of these, how many were taken.
    pub wrongly_taken: Vec<String>,
}

impl NamesRun {
    fn add(mut self, other: NamesRun) -> NamesRun {
        self.names += other.names;
        self.whole += other.whole;
        self.taken += other.taken;
        self.differing += other.differing;
        self.shortened.extend(other.shortened);
        self.altered.extend(other.altered);
        self.unread.extend(other.unread);
        self.boxed.extend(other.boxed);
        self.asked.extend(other.asked);
        self.wrongly_taken.extend(other.wrongly_taken);
        self
    }

    /// The bounds that are broken, a line each.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut hold = |holds: bool, what: &str| {
            if !holds {
                broken.push(what.to_owned());
            }
        };
        hold(self.shortened.is_empty() && self.altered.is_empty(), "a name was shortened or altered");
        hold(self.taken * 100 >= self.names * 97, "fewer than 97 % were accepted as the registration's name");
        hold(
            self.wrongly_taken.len() * 100 <= self.differing,
            "more than 1 % of similar names were accepted as the registration's",
        );
        broken
    }
}

impl fmt::Display for NamesRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |count: usize, all: usize| {
            format!("{count} of {all} ({:.1} %)", 100.0 * count as f64 / all.max(1) as f64)
        };
        writeln!(f, "names with rare characters: {}", self.names)?;
        writeln!(f, "shortened: {} {}", self.shortened.len(), self.shortened.join(", "))?;
        writeln!(f, "altered: {} {}", self.altered.len(), self.altered.join(", "))?;
        writeln!(f, "read whole without the registration: {}", of(self.whole, self.names))?;
        writeln!(f, "with a box for a common character: {} {}", self.boxed.len(), self.boxed.join(", "))?;
        writeln!(f, "not read: {} {}", self.unread.len(), self.unread.join(", "))?;
        writeln!(f, "accepted as the registration's name: {}", of(self.taken, self.names))?;
        writeln!(f, "asked all the same: {} {}", self.asked.len(), self.asked.join(", "))?;
        writeln!(
            f,
            "similar names accepted as the registration's: {} {}",
            of(self.wrongly_taken.len(), self.differing),
            self.wrongly_taken.join(", ")
        )
    }
}

/// Draws and reads `count` names, in the font of the file or in the specimens' own.
///
/// # Errors
/// When the font cannot be opened, or a network fails.
pub fn run(
    models: &Models,
    count: u64,
    font: Option<&Path>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<NamesRun> {
    let usual = Fonts::open()?;
    let fonts = match font {
        Some(path) => Fonts::of_file(path)?,
        None => usual.clone(),
    };
    // A font need not have every character: seeds go on until there are names enough.
    let named: Vec<RareName> = (0..)
        .map(RareName::from_seed)
        .filter(|name| name.person.name.chars().all(|c| fonts.has(c)))
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .collect();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let each = named.par_iter().map(|name| {
        let run = one(models, name, &fonts, &usual).with_context(|| format!("seed {}", name.person.seed));
        progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, named.len());
        run
    });
    each.try_reduce(NamesRun::default, |a, b| Ok(a.add(b)))
}

/// The name on the card as read, with a box for each glyph that could not be; none without a card or a name.
fn read(
    models: &Models,
    person: &Person,
    fonts: &Fonts,
    expected: &[Option<&str>],
) -> anyhow::Result<Vec<Option<String>>> {
    let scene = CardScene::clean(person.seed);
    let (width, height) = (scene.width, scene.height);
    // Every other one as a messenger may have scaled it.
    let scene =
        if person.seed.is_multiple_of(2) { scene } else { scene.sized(width * 3 / 5, height * 3 / 5) };
    let shot = decode(&capture(&portrait_side_in(person, fonts.clone()), &scene).jpeg())?;
    expected
        .iter()
        .map(|expected| {
            let expected = expected.map(PersonName::parse).transpose()?;
            match read_portrait_side_expecting(models, &shot, expected.as_ref()) {
                Ok(CardReading { side, .. }) => Ok(side.name.map(String::from)),
                Err(vision::card::CardError::Model(error)) => Err(error.into()),
                Err(_) => Ok(None),
            }
        })
        .collect()
}

fn one(models: &Models, name: &RareName, fonts: &Fonts, usual: &Fonts) -> anyhow::Result<NamesRun> {
    let printed = name.person.name.as_str();
    let pick = name.person.seed as usize;
    let similar = name.misspelt(usual, pick);
    let readings = read(models, &name.person, fonts, &[None, Some(printed), Some(&similar)])?;
    let mut run = NamesRun { names: 1, differing: 1, ..NamesRun::default() };
    for reading in readings.iter().flatten() {
        if reading.chars().count() != printed.chars().count() {
            run.shortened.push(format!("{printed} as {reading}"));
        } else if *reading != similar
            && reading.chars().zip(printed.chars()).any(|(r, p)| r != p && r != PersonName::UNREAD)
        {
            run.altered.push(format!("{printed} as {reading}"));
        }
    }
    match &readings[0] {
        Some(read) if read == printed => run.whole = 1,
        Some(read) if *read == similar => run.altered.push(format!("{printed} as {read}")),
        Some(read) => {
            let boxed =
                read.chars().enumerate().any(|(i, c)| c == PersonName::UNREAD && !name.rare.contains(&i));
            run.boxed.extend(boxed.then(|| format!("{printed} as {read}")));
        }
        None => run.unread.push(printed.to_owned()),
    }
    if readings[1].as_deref() == Some(printed) {
        run.taken = 1;
    } else {
        run.asked.push(format!("{printed} as {}", readings[1].as_deref().unwrap_or("nothing")));
    }
    if readings[2].as_deref() == Some(similar.as_str()) {
        run.wrongly_taken.push(format!("{printed} as {similar}"));
    }
    // The other way round: the card has the similar character, the registration the rare one.
    if pick.is_multiple_of(2) && similar.chars().all(|c| fonts.has(c)) {
        let person = Person { name: similar.clone(), ..name.person.clone() };
        let reading = read(models, &person, fonts, &[Some(printed)])?.pop().flatten();
        run.differing += 1;
        if reading.as_deref() == Some(printed) {
            run.wrongly_taken.push(format!("{similar} as {printed}"));
        }
    }
    Ok(run)
}
