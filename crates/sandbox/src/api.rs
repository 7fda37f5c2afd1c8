//! The interface that tests and `zhaoyan smoke` script the sandbox by.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::Text;
use partners::registration::wire::WireRegistration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    seed::{Planted, SeededCandidate},
    server::{App, Shared},
    specimens::{Kind, Size},
    switches::{NewPositions, Switches},
};

/// `GET /healthz`: whether it listens, and whether the identity platform's register is filled.
pub(crate) async fn healthz(State(sandbox): State<Shared>) -> Json<serde_json::Value> {
    Json(json!({ "ok": true, "register_filled": sandbox.platform.is_filled() }))
}

#[derive(Serialize)]
struct SpecimenView {
    kind: Kind,
    title: Text,
    url: String,
}

#[derive(Serialize)]
struct CandidateView {
    id: String,
    phone: String,
    level: &'static str,
    planted: Planted,
    planted_text: Text,
    card: CardView,
    registration_id: String,
    registration: Option<WireRegistration>,
    own_picture_enrolled: bool,
    specimens: Vec<SpecimenView>,
}

/// What the card prints.
#[derive(Serialize)]
struct CardView {
    name: String,
    sex: &'static str,
    ethnicity: String,
    birth_date: String,
    address: String,
    number: String,
    authority: String,
    valid_from: String,
    valid_until: String,
}

fn view(sandbox: &App, candidate: &SeededCandidate) -> CandidateView {
    let person = &candidate.person;
    CandidateView {
        id: candidate.id.clone(),
        phone: candidate.phone.as_str().to_owned(),
        level: candidate.registration.level.label(),
        planted: candidate.planted,
        planted_text: candidate.planted.text(),
        card: CardView {
            name: person.name.clone(),
            sex: person.sex_printed(),
            ethnicity: person.ethnicity.clone(),
            birth_date: person.birth_date.to_string(),
            address: person.address.clone(),
            number: person.number.clone(),
            authority: person.authority.clone(),
            valid_from: person.valid_from.to_string(),
            valid_until: person.valid_until.map_or("长期".to_owned(), |date| date.to_string()),
        },
        registration_id: candidate.registration.id.clone(),
        registration: sandbox.office.get(&candidate.registration.id).map(|record| record.now),
        own_picture_enrolled: sandbox.platform.has_own(&person.number),
        specimens: Kind::ALL
            .into_iter()
            .map(|kind| SpecimenView {
                kind,
                title: kind.text(),
                url: format!("/sandbox/specimens/{}/{}.jpg", candidate.id, kind.name()),
            })
            .collect(),
    }
}

/// `GET /sandbox/api/candidates`
pub(crate) async fn candidates(State(sandbox): State<Shared>) -> Response {
    let views: Vec<CandidateView> = sandbox.candidates.iter().map(|c| view(&sandbox, c)).collect();
    Json(views).into_response()
}

#[derive(Deserialize)]
pub(crate) struct SpecimenQuery {
    size: Option<String>,
}

/// `GET /sandbox/specimens/{id}/{kind}.jpg`, `?size=small` for an overview.
pub(crate) async fn specimen(
    State(sandbox): State<Shared>,
    Path((id, file)): Path<(String, String)>,
    Query(query): Query<SpecimenQuery>,
) -> Response {
    let found = sandbox.candidate(&id).zip(file.strip_suffix(".jpg").and_then(Kind::parse));
    let Some(((index, candidate), kind)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let Some(other) = sandbox.other_than(index) else { return StatusCode::NOT_FOUND.into_response() };
    let size = if query.size.as_deref() == Some("small") { Size::Small } else { Size::Phone };
    match sandbox.specimens.get(index, &candidate.person, &other.person, kind, size).await {
        Ok(bytes) => {
            let name = format!("inline; filename=\"{id}-{}.jpg\"", kind.name());
            ([("content-type", "image/jpeg"), ("content-disposition", name.as_str())], bytes).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct SmsQuery {
    phone: Option<String>,
}

/// `GET /sandbox/api/sms?phone=…`: messages, newest first.
pub(crate) async fn sms(State(sandbox): State<Shared>, Query(query): Query<SmsQuery>) -> Response {
    Json(sandbox.outbox.list(query.phone.as_deref())).into_response()
}

/// `GET /sandbox/api/switches`
pub(crate) async fn switches(State(sandbox): State<Shared>) -> Json<Switches> {
    Json(sandbox.switches.positions())
}

/// `PUT /sandbox/api/switches`: systems that are not named keep theirs.
pub(crate) async fn set_switches(
    State(sandbox): State<Shared>,
    Json(new): Json<NewPositions>,
) -> Json<Switches> {
    Json(sandbox.switches.set(new))
}

/// `DELETE /sandbox/api/switches`: all is well again.
pub(crate) async fn reset_switches(State(sandbox): State<Shared>) -> StatusCode {
    sandbox.switches.reset();
    StatusCode::NO_CONTENT
}

/// `GET /sandbox/api/registrations/{id}`: before, now, and the results taken.
pub(crate) async fn registration(State(sandbox): State<Shared>, Path(id): Path<String>) -> Response {
    match sandbox.office.get(&id) {
        Some(record) => Json(record).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What the office changes; what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    name: Option<String>,
    number: Option<String>,
    ethnicity: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    level: Option<String>,
}

/// `PUT /sandbox/api/registrations/{id}`
pub(crate) async fn edit_registration(
    State(sandbox): State<Shared>,
    Path(id): Path<String>,
    Json(edit): Json<Edit>,
) -> Response {
    let changed = sandbox.office.edit(&id, |now| {
        let fields = [
            (&mut now.name, edit.name),
            (&mut now.number, edit.number),
            (&mut now.phone, edit.phone),
            (&mut now.level, edit.level),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                *field = value;
            }
        }
        now.ethnicity = edit.ethnicity.or(now.ethnicity.take());
        now.address = edit.address.or(now.address.take());
    });
    if changed.is_none() {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    registration(State(sandbox), Path(id)).await
}

/// `POST /sandbox/api/registrations/{id}/correct`: the office takes name and number from the card.
pub(crate) async fn correct_registration(State(sandbox): State<Shared>, Path(id): Path<String>) -> Response {
    let Some(candidate) = sandbox.candidates.iter().find(|c| c.registration.id == id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    sandbox.office.edit(&id, |now| {
        now.name.clone_from(&candidate.person.name);
        now.number.clone_from(&candidate.person.number);
    });
    registration(State(sandbox), Path(id)).await
}

/// `PUT /sandbox/api/candidates/{id}/enrolment`: the body is a picture to take the drawn person's place in the register.
pub(crate) async fn enrol(
    State(sandbox): State<Shared>,
    Path(id): Path<String>,
    picture: Bytes,
) -> StatusCode {
    let Some((_, candidate)) = sandbox.candidate(&id) else { return StatusCode::NOT_FOUND };
    match sandbox.platform.enrol_own(&candidate.person.number, picture.to_vec()).await {
        Ok(true) => StatusCode::NO_CONTENT,
        Ok(false) => StatusCode::UNPROCESSABLE_ENTITY,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `DELETE /sandbox/api/candidates/{id}/enrolment`
pub(crate) async fn forget(State(sandbox): State<Shared>, Path(id): Path<String>) -> StatusCode {
    if let Some((_, candidate)) = sandbox.candidate(&id) {
        sandbox.platform.forget_own(&candidate.person.number);
    }
    StatusCode::NO_CONTENT
}

/// `GET /sandbox/api/identity`: every question by serial number, how often it was asked, and how many comparisons there were.
pub(crate) async fn identity(State(sandbox): State<Shared>) -> Response {
    let (asked, compared) = sandbox.platform.asked();
    Json(json!({ "asked": asked, "compared": compared })).into_response()
}

/// `POST /sandbox/api/reset`: everything as at the first start.
pub(crate) async fn reset(State(sandbox): State<Shared>) -> StatusCode {
    sandbox.switches.reset();
    sandbox.outbox.clear();
    sandbox.office.reset(&sandbox.candidates);
    sandbox.platform.reset();
    StatusCode::NO_CONTENT
}
