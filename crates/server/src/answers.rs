//! What any request of a kind may be answered with, written into the description once. A route's own annotation says what it
//! answers besides; whatever its status, a refusal looks the same everywhere.

use axum::http::StatusCode;
use utoipa::openapi::{
    HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    content::ContentBuilder,
    path::{Operation, PathItem},
    schema::{ObjectBuilder, Type},
};

const REQUEST_ID: &str = "x-request-id";

/// Completes the description: every answer of every operation, each with its headers, refusals as `application/problem+json`.
pub fn complete(description: &mut OpenApi) {
    let mut refusals = Vec::new();
    for operation in description.paths.paths.values_mut().flat_map(operations) {
        let further = any(operation);
        let responses = &mut operation.responses.responses;
        for status in further {
            responses.entry(status.as_str().to_owned()).or_insert_with(|| Response::default().into());
        }
        for (status, response) in responses {
            let Ok(status) = status.parse::<StatusCode>() else { continue };
            if status.is_client_error() || status.is_server_error() {
                *response = RefOr::Ref(Ref::from_response_name(name(status)));
                refusals.push(status);
            } else if let RefOr::T(response) = response {
                response.description = reason(status).to_owned();
                response.headers.insert(REQUEST_ID.to_owned(), RefOr::Ref(request_id()));
            }
        }
    }
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{32}$"));
    let id = HeaderBuilder::new()
        .schema(Some(id))
        .description(Some("The request's id, for the office to find it in the logs."));
    let components = description.components.get_or_insert_default();
    components.headers.insert("RequestId".to_owned(), id.build().into());
    components.responses.extend(refusals.into_iter().map(|status| (name(status), refusal(status).into())));
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// What a request of this kind may be refused with before its handler has a say, or when that breaks or hangs.
fn any(operation: &Operation) -> Vec<StatusCode> {
    let mut any = vec![StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];
    if operation.security.is_some() {
        any.push(StatusCode::UNAUTHORIZED);
    }
    if operation.parameters.is_some() {
        any.push(StatusCode::BAD_REQUEST);
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        any.extend([StatusCode::BAD_REQUEST, StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE]);
        if body.content.contains_key("application/json") {
            any.push(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
    }
    any
}

fn name(status: StatusCode) -> String {
    format!("Problem{}", status.as_str())
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Answer")
}

fn refusal(status: StatusCode) -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response = ResponseBuilder::new()
        .description(reason(status))
        .content("application/problem+json", problem)
        .header_ref(REQUEST_ID, request_id());
    if status == StatusCode::UNAUTHORIZED {
        let scheme = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["Bearer"]));
        response = response.header("www-authenticate", HeaderBuilder::new().schema(Some(scheme)).build());
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds after which asking again makes sense; where waiting helps."));
        response = response.header("retry-after", header.build());
    }
    response.build()
}

fn request_id() -> Ref {
    Ref::new("#/components/headers/RequestId")
}
