//! The messages that the simulated SMS vendor took, newest first.

use axum::{
    extract::{Query, State},
    response::Html,
};
use serde::Deserialize;

use super::{both, escape, page};
use crate::server::Shared;

#[derive(Deserialize)]
pub(crate) struct OutboxQuery {
    phone: Option<String>,
}

/// `GET /sandbox/outbox`
pub(crate) async fn show(State(sandbox): State<Shared>, Query(query): Query<OutboxQuery>) -> Html<String> {
    let phone = query.phone.filter(|p| !p.is_empty());
    let rows: String = sandbox
        .outbox
        .list(phone.as_deref())
        .iter()
        .map(|m| {
            format!(
                "<tr><td>{at}</td><td>{phone}</td><td class=\"code\">{code}</td><td>{text}</td></tr>",
                at = m.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
                phone = escape(&m.phone),
                code = escape(&m.code),
                text = escape(&m.text),
            )
        })
        .collect();
    let empty = if rows.is_empty() { both("还没有短信。", "No messages yet.") } else { String::new() };
    let body = format!(
        "<form method=\"get\"><label>{filter} <input name=\"phone\" inputmode=\"numeric\" value=\"{value}\"></label> \
         <button>{show}</button></form><p>{empty}</p><table><thead><tr><th scope=\"col\">{at}</th>\
         <th scope=\"col\">{to}</th><th scope=\"col\">{code}</th><th scope=\"col\">{text}</th></tr></thead>\
         <tbody>{rows}</tbody></table>",
        filter = both("手机号", "Phone"),
        value = escape(phone.as_deref().unwrap_or("")),
        show = "查看 Show",
        at = both("时间", "Time"),
        to = both("手机号", "Phone"),
        code = both("验证码", "Code"),
        text = both("内容", "Text"),
    );
    page("短信", &body)
}
