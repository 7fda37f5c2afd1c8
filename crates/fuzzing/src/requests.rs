//! Bodies of requests.

use bytes::Bytes;

use crate::wait;

/// So many bytes of a body come at once.
const PIECES: [usize; 4] = [1, 7, 64, 4096];

fn in_pieces(body: &[u8], size: usize) -> Vec<Bytes> {
    body.chunks(size).map(Bytes::copy_from_slice).collect()
}

/// The first line is the content type, the rest the body. What is taken for the picture or the roster stands in the body word for word,
/// and is no picture if it is empty; refused is with 400, 413 or 415; and it does not matter in what pieces a body arrives.
pub fn upload(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let Ok(content_type) = std::str::from_utf8(&data[..end]) else { return };
    let body = data.get(end + 1..).unwrap_or_default();
    let size = PIECES[body.len() % PIECES.len()];
    wait(async {
        let picture = server::fuzzing::picture(content_type, vec![Bytes::copy_from_slice(body)]).await;
        match &picture {
            Ok(picture) => assert!(!picture.is_empty() && holds(body, picture)),
            Err(status) => assert!([400, 413, 415].contains(status), "{status}"),
        }
        assert_eq!(picture, server::fuzzing::picture(content_type, in_pieces(body, size)).await);
        let roster = server::fuzzing::roster(content_type, vec![Bytes::copy_from_slice(body)]).await;
        match &roster {
            Ok((_, roster)) => assert!(holds(body, roster)),
            Err(status) => assert!([400, 413].contains(status), "{status}"),
        }
        assert_eq!(roster, server::fuzzing::roster(content_type, in_pieces(body, size)).await);
    });
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}

/// Every kind of JSON body takes the bytes or refuses them with 400, and with 413 those and only those that are too many; what is no
/// JSON is taken by none; it does not matter in what pieces they arrive.
pub fn json(data: &[u8]) {
    let size = PIECES[data.len() % PIECES.len()];
    let (whole, pieces) = wait(async {
        let whole = server::fuzzing::json(vec![Bytes::copy_from_slice(data)]).await;
        (whole, server::fuzzing::json(in_pieces(data, size)).await)
    });
    assert_eq!(whole, pieces);
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok();
    for (most, refused) in whole {
        assert_eq!(refused == Some(413), data.len() > most);
        assert!(matches!(refused, None | Some(400 | 413)), "{refused:?}");
        assert!(is_json || refused.is_some(), "what is no JSON was taken");
    }
}
