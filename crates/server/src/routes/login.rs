//! Login by a code sent to the phone.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use service::view::{CodeSent, LoggedIn};
use utoipa::ToSchema;

use crate::{
    App,
    address::ClientAddress,
    json,
    problem::{Problem, ProblemBody},
    session::Token,
};

/// The phone to which a code is to be sent.
#[derive(Deserialize, ToSchema)]
pub struct CodeRequest {
    /// As typed; spaces and +86 are folded.
    phone: String,
}

/// A login.
#[derive(Deserialize, ToSchema)]
pub struct LogIn {
    /// As typed.
    phone: String,
    /// Six digits.
    code: String,
    /// The version of 《用户协议》 that the candidate agreed to.
    agreement_version: String,
    /// The version of 《隐私协议》 that the candidate agreed to.
    privacy_version: String,
}

#[utoipa::path(post, path = "/login/code", tag = "login", request_body = CodeRequest, responses(
    (status = 202, body = CodeSent), (status = 400, body = ProblemBody), (status = 429, body = ProblemBody)))]
/// 获取验证码
pub async fn request_code(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    json::Json(request): json::Json<CodeRequest>,
) -> Result<(StatusCode, Json<CodeSent>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(app.service.request_code(&request.phone, from).await?)))
}

#[utoipa::path(post, path = "/login", tag = "login", request_body = LogIn, responses(
    (status = 200, body = LoggedIn), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 429, body = ProblemBody)))]
/// 登录
pub async fn log_in(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    json::Json(request): json::Json<LogIn>,
) -> Result<Json<LoggedIn>, Problem> {
    let login = service::LogIn {
        phone: request.phone,
        code: request.code,
        agreement_version: request.agreement_version,
        privacy_version: request.privacy_version,
    };
    Ok(Json(app.service.log_in(login, from).await?))
}

#[utoipa::path(post, path = "/logout", tag = "login", security(("session" = [])), responses(
    (status = 204), (status = 401, body = ProblemBody)))]
/// Ends the session.
pub async fn log_out(State(app): State<App>, Token(token): Token) -> Result<StatusCode, Problem> {
    app.service.log_out(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A login at the desk.
#[derive(Deserialize, ToSchema)]
pub struct LogInAtDesk {
    /// What stands behind `#desk=` in the address that the console opened.
    ticket: String,
    /// The version of 《用户协议》 that the candidate agreed to.
    agreement_version: String,
    /// The version of 《隐私协议》 that the candidate agreed to.
    privacy_version: String,
}

#[utoipa::path(post, path = "/login/desk", tag = "login", request_body = LogInAtDesk, responses(
    (status = 200, body = LoggedIn), (status = 400, body = ProblemBody), (status = 410, body = ProblemBody),
    (status = 429, body = ProblemBody)))]
/// 现场采集: begins with the ticket that a registrar was given.
pub async fn log_in_at_desk(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    json::Json(request): json::Json<LogInAtDesk>,
) -> Result<Json<LoggedIn>, Problem> {
    let LogInAtDesk { ticket, agreement_version, privacy_version } = request;
    Ok(Json(app.service.log_in_at_desk(&ticket, &agreement_version, &privacy_version, from).await?))
}
