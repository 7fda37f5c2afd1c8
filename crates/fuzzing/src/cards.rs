//! Pictures of identity cards.

use domain::{EmblemSide, IdentityCard, PortraitSide};
use jiff::civil::date;
use vision::card::{CardError, CardReading, read_emblem_side, read_portrait_side};

use crate::{
    networks,
    pictures::{STANDARD, looked_at},
};

/// Whatever the picture shows and whatever the recogniser reads in it, a side is read or it is told why not; a reading has a flat card of
/// its one size, corners that are numbers and confidences from 0 to 1; the standard can judge its measures; a number that was read is one,
/// and nothing that was read makes a whole card of one side.
pub fn card(data: &[u8]) {
    let Some((stream, capture)) = looked_at(data) else { return };
    let models = networks::directed_by(stream);
    let today = date(2026, 1, 1);
    if stream[0] % 2 == 0 {
        let Some(read) = read(read_portrait_side(&models, &capture)) else { return };
        let side = read.side;
        let _ = (side.problems(today), side.disagreeing());
        assert!(side.number.as_ref().is_none_or(|n| domain::IdNumber::parse(n.as_str()).as_ref() == Ok(n)));
        assert!(IdentityCard::assemble(&side, &EmblemSide::default(), today).is_err());
    } else {
        let Some(read) = read(read_emblem_side(&models, &capture)) else { return };
        let _ = read.side.problems(today);
        assert!(IdentityCard::assemble(&PortraitSide::default(), &read.side, today).is_err());
    }
}

fn read<T>(reading: Result<CardReading<T>, CardError>) -> Option<CardReading<T>> {
    let reading = match reading {
        Ok(reading) => reading,
        Err(CardError::TooSmall { .. }) => return None,
        Err(CardError::NoCard { measures }) => {
            let _ = STANDARD.judge_card(&measures);
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(reading.rectified.dimensions(), (1348, 850));
    assert!(reading.corners.iter().all(|(x, y)| x.is_finite() && y.is_finite()), "{:?}", reading.corners);
    let sure = reading.confidence.values().chain(reading.raw_confidence.values());
    assert!(sure.clone().all(|sure| (0.0..=1.0).contains(sure)), "{:?}", sure.collect::<Vec<_>>());
    let _ = STANDARD.judge_card(&reading.measures);
    Some(reading)
}
