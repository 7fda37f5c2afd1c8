//! What reads request bodies, without connection, session and place, for a fuzzer to reach. Behind feature `fuzzing`.

use axum::{body::Body, extract::FromRequest, extract::Request, http::header};
use bytes::Bytes;
use futures::stream;
use serde::de::DeserializeOwned;

use crate::{
    json::Json,
    problem::{self, Problem},
    routes::{card, downloads, login, office, verification},
    upload,
};

/// The bytes of an uploaded picture.
///
/// # Errors
/// The status of the answer.
pub async fn picture(content_type: &str, pieces: Vec<Bytes>) -> Result<Bytes, u16> {
    upload::receive(request(content_type, pieces)?).await.map_err(status)
}

/// An uploaded roster's name and bytes.
///
/// # Errors
/// The status of the answer.
pub async fn roster(content_type: &str, pieces: Vec<Bytes>) -> Result<(String, Bytes), u16> {
    upload::roster(request(content_type, pieces)?).await.map_err(status)
}

/// What each kind of JSON body has to say to these bytes, with the most bytes that it takes: the status of the answer, or nothing if
/// they are one of that kind.
pub async fn json(pieces: Vec<Bytes>) -> Vec<(usize, Option<u16>)> {
    /// Of most kinds.
    const MOST: usize = crate::json::MOST_BYTES;
    vec![
        read::<login::CodeRequest, MOST>(&pieces).await,
        read::<login::LogIn, MOST>(&pieces).await,
        read::<login::LogInAtDesk, MOST>(&pieces).await,
        read::<card::NameTyped, MOST>(&pieces).await,
        read::<verification::FaceConsent, MOST>(&pieces).await,
        read::<office::SignIn, MOST>(&pieces).await,
        read::<office::ChangePassword, MOST>(&pieces).await,
        read::<office::AddStaff, MOST>(&pieces).await,
        read::<office::ChangeStaff, MOST>(&pieces).await,
        read::<office::SetExam, { office::EXAM_BYTES }>(&pieces).await,
        read::<office::Search, MOST>(&pieces).await,
        read::<office::Correction, MOST>(&pieces).await,
        read::<office::Reason, MOST>(&pieces).await,
        read::<office::TakeBack, MOST>(&pieces).await,
        read::<office::Inspect, MOST>(&pieces).await,
        read::<downloads::ExportRoster, MOST>(&pieces).await,
        read::<downloads::ExportPhotos, MOST>(&pieces).await,
    ]
}

async fn read<T: DeserializeOwned, const MOST: usize>(pieces: &[Bytes]) -> (usize, Option<u16>) {
    let body = match request("application/json", pieces.to_vec()) {
        Ok(request) => Json::<T, MOST>::from_request(request, &()).await.map(drop).map_err(status),
        Err(status) => Err(status),
    };
    (MOST, body.err())
}

fn request(content_type: &str, pieces: Vec<Bytes>) -> Result<Request, u16> {
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let request = Request::builder().header(header::CONTENT_TYPE, content_type);
    // What is no header's value never reaches a handler.
    request.body(Body::from_stream(pieces)).map_err(|_| 400)
}

fn status(Problem(trouble): Problem) -> u16 {
    problem::status(&trouble).as_u16()
}
