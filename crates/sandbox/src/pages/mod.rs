//! The sandbox's pages: plain, rendered here, Chinese first.

pub(crate) mod candidate;
pub(crate) mod home;
pub(crate) mod outbox;
pub(crate) mod switches;

use axum::response::Html;

const STYLE: &str = include_str!("style.css");

/// Text made safe inside HTML, attributes included.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Chinese with English beneath.
pub(crate) fn both(zh: &str, en: &str) -> String {
    format!("{} <small lang=\"en\">{}</small>", escape(zh), escape(en))
}

/// A page around `body`, which is HTML.
pub(crate) fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · 沙箱 SANDBOX</title><style>{STYLE}</style></head><body>\
         <header><p class=\"mark\">沙箱 SANDBOX</p><p>模拟的外部系统，仅供试用和测试，没有真实的人。\
         <small lang=\"en\">Simulated outside systems, for trying out and for tests; nobody here is real.</small></p>\
         <nav><a href=\"/\">考生 <small lang=\"en\">Candidates</small></a>\
         <a href=\"/sandbox/outbox\">短信 <small lang=\"en\">SMS outbox</small></a>\
         <a href=\"/sandbox/switches\">故障开关 <small lang=\"en\">Switches</small></a></nav></header>\
         <main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_candidates_typed_stays_text() {
        assert_eq!(escape("<b a=\"'&"), "&lt;b a=&quot;&#39;&amp;");
    }
}
