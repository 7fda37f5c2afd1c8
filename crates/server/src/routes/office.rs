//! The office's API: signing in, candidates, people, the audit log. Identity numbers, phones and names travel in bodies, never in paths.

use axum::{
    Json,
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use domain::{CardKind, Inspection, Role, TakenBack};
use jiff::Timestamp;
use serde::Deserialize;
use service::{
    PictureKind, Trouble,
    exam::{ExamFile, OwnText, Texts},
    office::{
        self, Officer, Verdict,
        view::{
            Access, AtDesk, AuditPage, AuditProof, Exam, ExamDetails, Found, Inspections, Me, Particulars,
            RosterImport, SignedIn, Staff, Story,
        },
    },
};
use store::{AuditFilter, ImportHow};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use zeroize::Zeroizing;

use crate::{
    App,
    address::ClientAddress,
    json,
    problem::{Problem, ProblemBody},
    routes::pictures::shown,
    session::Token,
    upload,
};

/// Every path under `/api/v1/office`.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(staff, add_staff))
        .routes(routes!(change_staff))
        .routes(routes!(reset_staff))
        .routes(routes!(exams))
        .routes(routes!(exam, set_exam))
        .routes(routes!(search))
        .routes(routes!(candidate))
        .routes(routes!(unmask))
        .routes(routes!(candidate_picture))
        .routes(routes!(correct))
        .routes(routes!(reopen))
        .routes(routes!(complete_at_desk))
        .routes(routes!(take_back))
        .routes(routes!(redeliver))
        .routes(routes!(capture_at_desk))
        .routes(routes!(inspections))
        .routes(routes!(inspect))
        .routes(routes!(roster_imports, import_roster))
        .routes(routes!(roster_import))
        .routes(routes!(audit))
        .routes(routes!(verify_audit))
}

/// A person of the office with a live session.
pub struct OfOffice(pub Officer);

impl FromRequestParts<App> for OfOffice {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<OfOffice, Problem> {
        let Token(token) = Token::from_request_parts(parts, app).await?;
        Ok(OfOffice(app.service.officer(&token).await?))
    }
}

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    /// The account.
    account: String,
    /// The password.
    password: String,
    /// Six digits of the second factor.
    code: String,
}

#[utoipa::path(post, path = "/sign-in", tag = "office", request_body = SignIn, responses(
    (status = 200, body = SignedIn), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 429, body = ProblemBody), (status = 503, body = ProblemBody)))]
/// Signs in with name, password and code.
pub async fn sign_in(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    json::Json(request): json::Json<SignIn>,
) -> Result<Json<SignedIn>, Problem> {
    let with = office::SignIn {
        account: request.account,
        password: Zeroizing::new(request.password),
        code: request.code,
    };
    Ok(Json(app.service.sign_in(with, from).await?))
}

#[utoipa::path(post, path = "/sign-out", tag = "office", security(("session" = [])), responses(
    (status = 204), (status = 401, body = ProblemBody)))]
/// Ends the session.
pub async fn sign_out(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Token(token): Token,
) -> Result<StatusCode, Problem> {
    app.service.sign_out(&officer, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/me", tag = "office", security(("session" = [])), responses(
    (status = 200, body = Me), (status = 401, body = ProblemBody)))]
/// Who is signed in.
pub async fn me(State(app): State<App>, OfOffice(officer): OfOffice) -> Json<Me> {
    Json(app.service.me(&officer))
}

/// Another password.
#[derive(Deserialize, ToSchema)]
pub struct ChangePassword {
    /// The password until now.
    current: String,
    /// The password from now on.
    new: String,
}

#[utoipa::path(post, path = "/password", tag = "office", security(("session" = [])), request_body = ChangePassword,
    responses((status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
/// Changes one's own password; all of one's sessions end.
pub async fn change_password(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    json::Json(request): json::Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    app.service.change_password(&officer, request.current.into(), request.new.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/staff", tag = "office", security(("session" = [])), responses(
    (status = 200, body = [Staff]), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
/// Everybody who has an account.
pub async fn staff(State(app): State<App>, OfOffice(officer): OfOffice) -> Result<Json<Vec<Staff>>, Problem> {
    Ok(Json(app.service.staff(&officer).await?))
}

/// An account that is to be made.
#[derive(Deserialize, ToSchema)]
pub struct AddStaff {
    /// The account.
    account: String,
    /// `viewer`, `registrar`, `supervisor` or `administrator`.
    #[schema(value_type = String)]
    role: Role,
}

#[utoipa::path(post, path = "/staff", tag = "office", security(("session" = [])), request_body = AddStaff, responses(
    (status = 201, body = Access), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Makes an account, and tells once what its owner signs in with.
pub async fn add_staff(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    json::Json(request): json::Json<AddStaff>,
) -> Result<(StatusCode, Json<Access>), Problem> {
    let access = app.service.add_staff(&officer, &request.account, request.role).await?;
    Ok((StatusCode::CREATED, Json(access)))
}

/// What an account is to be.
#[derive(Deserialize, ToSchema)]
pub struct ChangeStaff {
    /// `viewer`, `registrar`, `supervisor` or `administrator`.
    #[schema(value_type = String)]
    role: Role,
    /// Whether its owner works here still.
    active: bool,
}

#[utoipa::path(put, path = "/staff/{account}", tag = "office", security(("session" = [])),
    params(("account" = String, Path)), request_body = ChangeStaff, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Gives an account another role, or takes its access or gives it back.
pub async fn change_staff(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(account): Path<String>,
    json::Json(request): json::Json<ChangeStaff>,
) -> Result<StatusCode, Problem> {
    app.service.change_staff(&officer, &account, request.role, request.active).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/staff/{account}/reset", tag = "office", security(("session" = [])),
    params(("account" = String, Path)), responses(
    (status = 200, body = Access), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
/// Gives an account a new password and a new second factor.
pub async fn reset_staff(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(account): Path<String>,
) -> Result<Json<Access>, Problem> {
    Ok(Json(app.service.reset_staff(&officer, &account).await?))
}

#[utoipa::path(get, path = "/exams", tag = "office", security(("session" = [])), responses(
    (status = 200, body = [Exam]), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
/// Every exam session, the newest first, with how many candidates stand where.
pub async fn exams(State(app): State<App>, OfOffice(officer): OfOffice) -> Result<Json<Vec<Exam>>, Problem> {
    Ok(Json(app.service.exams(&officer).await?))
}

#[utoipa::path(get, path = "/exams/{exam}", tag = "office", security(("session" = [])), params(("exam" = String, Path)),
    responses((status = 200, body = ExamDetails), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
/// An exam session with all that is set about it, and the photo standards that may be chosen.
pub async fn exam(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
) -> Result<Json<ExamDetails>, Problem> {
    Ok(Json(app.service.exam(&officer, &exam).await?))
}

/// What an exam session is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetExam {
    /// What it is called.
    name: String,
    /// Id of its photo standard.
    standard: String,
    /// Attempts allowed in a row, 1 to 255.
    attempts_allowed: u8,
    /// Whether candidates may log in to it.
    open: bool,
    /// From when on nobody logs in to it any more; left out, it ends by being closed.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Option<Timestamp>,
    /// The kinds of cards that are accepted; left out or empty, the photo standard says it.
    #[serde(default)]
    cards: Vec<String>,
    /// Which photos wait for a registrar's eye: `off`, `warned` or `every`; left out, none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    inspection: Inspection,
    /// Whether two registrars must pass a photo that waits.
    #[serde(default)]
    two_eyes: bool,
    /// What the office is called.
    office_name: String,
    /// The office's phone, as candidates are shown it.
    office_phone: String,
    /// 《用户协议》; left out, it stays what it is.
    #[serde(default)]
    agreement: Option<SetText>,
    /// 《隐私协议》; left out, it stays what it is.
    #[serde(default)]
    privacy: Option<SetText>,
    /// The consent to the face comparison; left out, it stays what it is.
    #[serde(default)]
    face_consent: Option<SetText>,
}

/// A text of the office's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetText {
    /// Its version; with another one candidates are asked anew.
    version: String,
    /// Chinese; the first line is the title.
    zh: String,
    /// English; the first line is the title.
    en: String,
}

impl From<SetText> for OwnText {
    fn from(SetText { version, zh, en }: SetText) -> OwnText {
        OwnText { version, zh, en }
    }
}

/// Three texts in two languages.
pub(crate) const EXAM_BYTES: usize = 512 * 1024;

#[utoipa::path(put, path = "/exams/{exam}", tag = "office", security(("session" = [])), params(("exam" = String, Path)),
    request_body = SetExam, responses((status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
/// Makes an exam session, or changes one.
pub async fn set_exam(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    json::Json(request): json::Json<SetExam, EXAM_BYTES>,
) -> Result<StatusCode, Problem> {
    let cards: Option<Vec<CardKind>> = request.cards.iter().map(|id| CardKind::of_id(id)).collect();
    let file = ExamFile {
        id: exam,
        name: request.name,
        standard: request.standard,
        attempts_allowed: request.attempts_allowed,
        open: request.open,
        closes_at: request.closes_at,
        cards: cards.ok_or(Trouble::FieldMalformed { field: "cards" })?,
        inspection: request.inspection,
        two_eyes: request.two_eyes,
        office: store::Office { name: request.office_name, phone: request.office_phone },
        texts: Texts {
            agreement: request.agreement.map(Into::into),
            privacy: request.privacy.map(Into::into),
            face_consent: request.face_consent.map(Into::into),
        },
    };
    app.service.set_exam(&officer, &file).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is looked for. Of key, number, phone and name the first that is set counts alone; state, level and time are all held; without any
/// the roster is told from its beginning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The registration system's own key, exactly.
    #[serde(default)]
    registration: Option<String>,
    /// An identity number, exactly.
    #[serde(default)]
    number: Option<String>,
    /// A phone number, exactly.
    #[serde(default)]
    phone: Option<String>,
    /// A name, exactly.
    #[serde(default)]
    name: Option<String>,
    /// A state's name: collections in it; `none` for registrations without a collection.
    #[serde(default)]
    state: Option<String>,
    /// 层次
    #[serde(default)]
    level: Option<String>,
    /// Collections that changed last at that time or later.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Collections that changed last before that time.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<String>,
}

#[utoipa::path(post, path = "/exams/{exam}/candidates", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), request_body = Search, responses(
    (status = 200, body = Found), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
/// Looks for candidates, and shows them masked.
pub async fn search(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    json::Json(request): json::Json<Search>,
) -> Result<Json<Found>, Problem> {
    let Search { registration, number, phone, name, state, level, from, until, after } = request;
    let search = office::Search { registration, number, phone, name, state, level, from, until, after };
    Ok(Json(app.service.find_candidates(&officer, &exam, &search).await?))
}

/// A candidate of an exam session.
type Candidate = Path<(String, String)>;

#[utoipa::path(get, path = "/exams/{exam}/candidates/{registration}", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), responses(
    (status = 200, body = Story), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
/// The whole story of a candidate, masked.
pub async fn candidate(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
) -> Result<Json<Story>, Problem> {
    Ok(Json(app.service.candidate(&officer, &exam, &registration).await?))
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/unmask", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), responses(
    (status = 200, body = Particulars), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
/// Name, number, phone and address in full; that they were looked at goes into the audit log.
pub async fn unmask(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
) -> Result<Json<Particulars>, Problem> {
    Ok(Json(app.service.unmask(&officer, &exam, &registration).await?))
}

#[utoipa::path(get, path = "/exams/{exam}/candidates/{registration}/pictures/{kind}", tag = "office",
    security(("session" = [])), params(("exam" = String, Path), ("registration" = String, Path),
    ("kind" = String, Path, description = "card_portrait, card_emblem, card_face, capture, preview or photo")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
/// The latest picture of a kind; that it was looked at goes into the audit log.
pub async fn candidate_picture(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration, kind)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let kind = PictureKind::parse(&kind).ok_or(Trouble::NotFound)?;
    Ok(shown(app.service.picture_for_office(&officer, &exam, &registration, kind).await?))
}

/// A correction: what is set is changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version that was looked at.
    version: i64,
    /// 姓名
    #[serde(default)]
    name: Option<String>,
    /// 身份证号码
    #[serde(default)]
    number: Option<String>,
    /// 民族; empty takes it out.
    #[serde(default)]
    ethnicity: Option<String>,
    /// 住址; empty takes it out.
    #[serde(default)]
    address: Option<String>,
    /// 手机号码
    #[serde(default)]
    phone: Option<String>,
    /// 层次
    #[serde(default)]
    level: Option<String>,
    /// Why; goes into the audit log.
    reason: String,
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/correct", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Correction, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Corrects a registration of the built-in roster.
pub async fn correct(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Correction>,
) -> Result<StatusCode, Problem> {
    let Correction { version, name, number, ethnicity, address, phone, level, reason } = request;
    let correction = office::Correction { version, name, number, ethnicity, address, phone, level, reason };
    app.service.correct_registration(&officer, &exam, &registration, &correction).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why something is done.
#[derive(Deserialize, ToSchema)]
pub struct Reason {
    /// At most 500 characters; goes into the audit log.
    reason: String,
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/reopen", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Reason, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Reopens a collection that has failed.
pub async fn reopen(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Reason>,
) -> Result<StatusCode, Problem> {
    app.service.reopen(&officer, &exam, &registration, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/complete", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Reason, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Completes a collection at the desk, without the face comparison.
pub async fn complete_at_desk(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Reason>,
) -> Result<StatusCode, Problem> {
    app.service.complete_at_desk(&officer, &exam, &registration, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is taken back.
#[derive(Deserialize, ToSchema)]
pub struct TakeBack {
    /// `card` or `photo`.
    #[schema(value_type = String)]
    what: TakenBack,
    /// At most 500 characters; the candidate is shown it, and it goes into the audit log.
    reason: String,
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/take-back", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = TakeBack, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Takes the card or the photo back for a new one.
pub async fn take_back(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<TakeBack>,
) -> Result<StatusCode, Problem> {
    app.service.take_back(&officer, &exam, &registration, request.what, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/redeliver", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Reason, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Tells the registration system of a completed collection once more.
pub async fn redeliver(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Reason>,
) -> Result<StatusCode, Problem> {
    app.service.redeliver(&officer, &exam, &registration, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/desk", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Reason, responses(
    (status = 200, body = AtDesk), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// Lets the candidate's page begin for this candidate at the desk's camera.
pub async fn capture_at_desk(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Reason>,
) -> Result<Json<AtDesk>, Problem> {
    Ok(Json(app.service.capture_at_desk(&officer, &exam, &registration, &request.reason).await?))
}

#[utoipa::path(get, path = "/exams/{exam}/inspections", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), responses(
    (status = 200, body = Inspections), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
/// The photos that wait for a registrar's eye, oldest first.
pub async fn inspections(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
) -> Result<Json<Inspections>, Problem> {
    Ok(Json(app.service.inspections(&officer, &exam).await?))
}

/// What a registrar says of a photo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    /// Whether it goes to the identity platform.
    pass: bool,
    /// Against what it is, if it does not: ids of checks of a photo, `unlike`, or `other` with a note; five at most.
    #[serde(default)]
    reasons: Vec<String>,
    /// In one's own words, at most 500 characters; the candidate is shown it.
    #[serde(default)]
    note: String,
}

#[utoipa::path(post, path = "/exams/{exam}/candidates/{registration}/inspect", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("registration" = String, Path)), request_body = Inspect, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
/// Passes or refuses a photo that waits.
pub async fn inspect(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, registration)): Candidate,
    json::Json(request): json::Json<Inspect>,
) -> Result<StatusCode, Problem> {
    let verdict = match request.pass {
        true => Verdict::Pass,
        false => Verdict::Refuse { objections: request.reasons, note: request.note },
    };
    app.service.inspect(&officer, &exam, &registration, &verdict).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a roster is imported.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportRoster {
    /// Nothing is written: only what would be is told.
    #[serde(default)]
    dry_run: bool,
    /// `update` brings registrations that are known up to date, `keep` leaves them; left out, they are brought up to date.
    existing: Option<String>,
}

#[utoipa::path(post, path = "/exams/{exam}/roster/imports", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ImportRoster), request_body(content_type = "multipart/form-data", content = RosterUpload),
    responses((status = 202, body = RosterImport), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 413, body = ProblemBody), (status = 503, body = ProblemBody)))]
/// Imports a roster, a CSV or XLSX file of 100 MB at most; it is read on in the background.
pub async fn import_roster(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    how: Result<Query<ImportRoster>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<RosterImport>), Problem> {
    let Query(ImportRoster { dry_run, existing }) = how.map_err(|_| Trouble::MalformedRequest)?;
    let keep_known = match existing.as_deref() {
        None | Some("update") => false,
        Some("keep") => true,
        Some(_) => return Err(Trouble::MalformedRequest.into()),
    };
    let place = app.service.roster_place(&officer, &exam).await?;
    let (name, bytes) = upload::roster(request).await?;
    let how = ImportHow { dry_run, keep_known };
    let begun = app.service.begin_roster_import(place, &officer, &exam, &name, bytes, how).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// The upload of a roster.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct RosterUpload {
    /// The file; its name ends in `.csv` or `.xlsx`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

#[utoipa::path(get, path = "/exams/{exam}/roster/imports", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), responses(
    (status = 200, body = [RosterImport]), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
/// The latest imports, the newest first.
pub async fn roster_imports(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
) -> Result<Json<Vec<RosterImport>>, Problem> {
    Ok(Json(app.service.roster_imports(&officer, &exam).await?))
}

#[utoipa::path(get, path = "/exams/{exam}/roster/imports/{id}", tag = "office", security(("session" = [])),
    params(("exam" = String, Path), ("id" = String, Path)), responses(
    (status = 200, body = RosterImport), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
/// An import: how far it is, and what came of it.
pub async fn roster_import(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path((exam, id)): Path<(String, String)>,
) -> Result<Json<RosterImport>, Problem> {
    Ok(Json(app.service.roster_import(&officer, &exam, &id).await?))
}

/// Which entries are wanted: those that are all of what is set.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Entries {
    /// By whom.
    actor: Option<String>,
    /// What.
    deed: Option<String>,
    /// On what.
    subject: Option<String>,
    /// Not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Before.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// `next` of the page before.
    before: Option<i64>,
}

#[utoipa::path(get, path = "/audit", tag = "office", security(("session" = [])), params(Entries), responses(
    (status = 200, body = AuditPage), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
/// The audit log, the newest entry first.
pub async fn audit(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    entries: Result<Query<Entries>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    let Query(Entries { actor, deed, subject, from, until, before }) =
        entries.map_err(|_| Trouble::MalformedRequest)?;
    let filter = AuditFilter { actor, deed, subject, from, until, before };
    Ok(Json(app.service.audit(&officer, &filter).await?))
}

#[utoipa::path(post, path = "/audit/verify", tag = "office", security(("session" = [])), responses(
    (status = 200, body = AuditProof), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
/// Holds every entry of the audit log against its hash.
pub async fn verify_audit(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
) -> Result<Json<AuditProof>, Problem> {
    Ok(Json(app.service.verify_audit(&officer).await?))
}
