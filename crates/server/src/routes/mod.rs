//! The API's handlers, one file per group, and their description.

pub mod card;
pub mod collection;
pub mod downloads;
pub mod entry;
pub mod events;
pub mod login;
pub mod numbers;
pub mod office;
pub mod photo;
pub mod pictures;
pub mod status;
pub mod verification;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, Serves};

/// Every path under `/api/v1` that a listener answers.
pub fn api(serves: Serves) -> OpenApiRouter<App> {
    match serves {
        Serves::Everybody => candidates().nest("/office", of_office()),
        Serves::Candidates => candidates(),
        Serves::Office => OpenApiRouter::new().nest("/office", of_office()),
    }
}

fn of_office() -> OpenApiRouter<App> {
    office::api().merge(downloads::api()).merge(numbers::api())
}

fn candidates() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(entry::entry))
        .routes(routes!(status::status))
        .routes(routes!(login::request_code))
        .routes(routes!(login::log_in))
        .routes(routes!(login::log_in_at_desk))
        .routes(routes!(login::log_out))
        .routes(routes!(collection::collection))
        .routes(routes!(card::portrait))
        .routes(routes!(card::emblem))
        .routes(routes!(card::hand_in))
        .routes(routes!(card::name))
        .routes(routes!(card::confirm))
        .routes(routes!(card::retake))
        .routes(routes!(card::again))
        .routes(routes!(card::advisory_seen))
        .routes(routes!(photo::upload))
        .routes(routes!(photo::submit))
        .routes(routes!(photo::retake))
        .routes(routes!(verification::consent))
        .routes(routes!(verification::all_the_same))
        .routes(routes!(events::events))
        .routes(routes!(pictures::picture))
}
