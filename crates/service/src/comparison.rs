//! Comparing the card's picture with the photo, after the consent and before an attempt: where it cannot be made, nothing is held up.

use std::time::Duration;

use domain::Comparison;
use store::{Picture, PictureKind};

use crate::{Service, Session, Trouble, meters, pixels::Whose};

/// How long the candidate waits for a comparison at most; without it the journey goes on.
const PATIENCE: Duration = Duration::from_secs(4);

impl Service {
    /// How alike the card's picture and this photo are; `None` where it is not to be told, for whatever reason.
    pub(crate) async fn compare_with_card(&self, session: &Session, photo: &Picture) -> Option<Comparison> {
        let warn_below = self.rules.warn_below;
        if warn_below <= 0.0 {
            return None;
        }
        let begun = std::time::Instant::now();
        let likeness = tokio::time::timeout(PATIENCE, self.likeness(session, photo)).await;
        metrics::histogram!(meters::COMPARISON_SECONDS).record(begun.elapsed().as_secs_f64());
        let (outcome, comparison) = match likeness {
            Ok(Ok(Some(similarity))) => {
                let made = Comparison::new(similarity, warn_below);
                (if made.warns() { "warned" } else { "alike" }, Some(made))
            }
            Ok(Ok(None)) => ("no_face", None),
            Ok(Err(_)) => ("failed", None),
            Err(_) => ("too_slow", None),
        };
        metrics::counter!(meters::COMPARISONS, "outcome" => outcome).increment(1);
        if matches!(outcome, "failed" | "too_slow") {
            tracing::warn!(outcome, "card and photo were not compared; the candidate goes on without");
        }
        comparison
    }

    async fn likeness(&self, session: &Session, photo: &Picture) -> Result<Option<f64>, Trouble> {
        let latest = |kind| self.store.latest_picture(session.collection, kind);
        let (card, face) = (latest(PictureKind::CardPortrait).await?, latest(PictureKind::CardFace).await?);
        // A face is written with the capture that it was cut from; one of an earlier card is nobody's business.
        let Some(face) = face.filter(|face| card.is_some_and(|card| card.created_at == face.created_at))
        else {
            return Ok(None);
        };
        let (face, photo) = (self.store.read_picture(&face).await?, self.store.read_picture(photo).await?);
        let sight = self.sight.clone();
        self.pixels.run("comparison", Whose::Next, move || sight.likeness(&face, &photo)).await?
    }
}
