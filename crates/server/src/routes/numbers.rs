//! How an exam session goes, in numbers.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use jiff::Timestamp;
use serde::Deserialize;
use service::{Trouble, office::numbers::Numbers};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::office::OfOffice;
use crate::{
    App,
    problem::{Problem, ProblemBody},
};

/// Paths under `/api/v1/office`.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(numbers))
}

/// Of which span of time; from the beginning, and until now, if left out.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Between {
    /// Not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Before.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
}

#[utoipa::path(get, path = "/exams/{exam}/numbers", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), Between), responses((status = 200, body = Numbers), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
/// How an exam session goes. Nothing of a person is in it; what many ask for at once is counted once.
pub async fn numbers(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    between: Result<Query<Between>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Numbers>, Problem> {
    let Query(Between { from, until }) = between.map_err(|_| Trouble::MalformedRequest)?;
    let numbers = app.service.numbers(&officer, &exam, from, until).await?;
    Ok(Json(numbers.as_ref().clone()))
}
