//! The candidates: with which phone each logs in, what is planted, and where the pictures are.

use axum::{extract::State, response::Html};

use super::{both, escape, page};
use crate::server::Shared;

/// `GET /`
pub(crate) async fn show(State(sandbox): State<Shared>) -> Html<String> {
    let link = sandbox.config.journey_url.as_deref().map_or(String::new(), |url| {
        format!(
            "<p><a href=\"{0}\">{1}</a> {0}</p>",
            escape(url),
            both("打开采集页面", "Open the candidate's pages")
        )
    });
    let rows: String = sandbox
        .candidates
        .iter()
        .map(|c| {
            let planted = c.planted.text();
            format!(
                "<tr><td>{phone}</td><td><a href=\"/sandbox/candidates/{id}\">{name}</a></td><td>{level}</td><td>{planted}</td></tr>",
                phone = escape(c.phone.as_str()),
                id = escape(&c.id),
                name = escape(&c.person.name),
                level = c.registration.level.label(),
                planted = both(&planted.zh, &planted.en),
            )
        })
        .collect();
    let how = both(
        "任选一名考生，用其手机号登录；验证码在“短信”页；样张在考生页。",
        "Pick a candidate, log in with the phone number; the code is on the SMS page, the specimen pictures on the candidate's page.",
    );
    let head = format!(
        "<tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>",
        both("手机号", "Phone"),
        both("姓名", "Name"),
        both("层次", "Level"),
        both("预设情况", "Planted"),
    );
    page("考生", &format!("<p>{how}</p>{link}<table><thead>{head}</thead><tbody>{rows}</tbody></table>"))
}
