//! One candidate: specimen pictures, the registration before and now, what was pushed, and the register's picture.

use axum::{
    Form,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::Level;
use partners::registration::{Completion, wire::WireRegistration};
use serde::Deserialize;

use super::{both, escape, page};
use crate::{
    office::Record,
    seed::SeededCandidate,
    server::{App, Shared},
    specimens::Kind,
};

/// `GET /sandbox/candidates/{id}`
pub(crate) async fn show(State(sandbox): State<Shared>, Path(id): Path<String>) -> Response {
    let Some((_, candidate)) = sandbox.candidate(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(record) = sandbox.office.get(&candidate.registration.id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let planted = candidate.planted.text();
    let body = format!(
        "<p>{phone}：{number}<br>{planted_is}：{planted}</p>{specimens}{registration}{results}{edit}{enrolment}",
        phone = both("登录手机号", "Login phone"),
        number = escape(candidate.phone.as_str()),
        planted_is = both("预设情况", "Planted"),
        planted = both(&planted.zh, &planted.en),
        specimens = specimens(candidate),
        registration = registration(candidate, &record),
        results = results(candidate, &record),
        edit = edit_form(candidate, &record.now),
        enrolment = enrolment(&sandbox, candidate),
    );
    page(&candidate.person.name, &body).into_response()
}

fn specimens(candidate: &SeededCandidate) -> String {
    let items: String = Kind::ALL
        .into_iter()
        .map(|kind| {
            let title = kind.text();
            let url = format!("/sandbox/specimens/{}/{}.jpg", candidate.id, kind.name());
            format!(
                "<li><a href=\"{url}\" download=\"{id}-{name}.jpg\"><img loading=\"lazy\" src=\"{url}?size=small\" alt=\"\"><br>{text}</a></li>",
                id = candidate.id,
                name = kind.name(),
                text = both(&title.zh, &title.en),
            )
        })
        .collect();
    format!(
        "<h2>{}</h2><p>{}</p><ul class=\"pictures\">{items}</ul>",
        both("样张", "Specimen pictures"),
        both(
            "点击下载 1200 万像素原图（首次绘制约需数秒）。",
            "Click to download in 12 megapixels; drawn on first demand, which takes seconds.",
        ),
    )
}

fn registration(candidate: &SeededCandidate, record: &Record) -> String {
    let person = &candidate.person;
    let (before, now) = (&record.before, &record.now);
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".into());
    let rows: String = [
        (both("姓名", "Name"), &person.name, before.name.clone(), now.name.clone()),
        (both("身份证号码", "Number"), &person.number, before.number.clone(), now.number.clone()),
        (both("民族", "Ethnicity"), &person.ethnicity, or_none(&before.ethnicity), or_none(&now.ethnicity)),
        (both("住址", "Address"), &person.address, or_none(&before.address), or_none(&now.address)),
    ]
    .into_iter()
    .map(|(label, card, before, now)| {
        let cell = |value: &str| {
            let class = if value == card { "" } else { " class=\"differs\"" };
            format!("<td{class}>{}</td>", escape(value))
        };
        format!(
            "<tr><th scope=\"row\">{label}</th><td>{}</td>{}{}</tr>",
            escape(card),
            cell(&before),
            cell(&now)
        )
    })
    .collect();
    format!(
        "<h2>{title}</h2><p>{id} · {level}</p><table><thead><tr><th></th><th scope=\"col\">{card}</th>\
         <th scope=\"col\">{before}</th><th scope=\"col\">{now}</th></tr></thead><tbody>{rows}</tbody></table>",
        title = both("报名信息", "Registration"),
        id = escape(&now.id),
        level = escape(&now.level),
        card = both("证件", "Card"),
        before = both("采集前", "Before"),
        now = both("现在", "Now"),
    )
}

fn results(candidate: &SeededCandidate, record: &Record) -> String {
    let title = both("已收到的采集结果", "Results received");
    let Some(last) = record.results.last() else {
        return format!("<h2>{title}</h2><p>{}</p>", both("还没有。", "None yet."));
    };
    let completion = match last.completion {
        Completion::Verified => both("身份核验通过", "Verified"),
        Completion::AtDesk => both("工作人员现场办理", "Completed at the desk"),
    };
    let photo = if last.photo.is_empty() {
        both("照片不跨重启保存", "The photo is not kept over restarts")
    } else {
        format!(
            "<img src=\"/sandbox/candidates/{}/photo.jpg\" alt=\"证件照 ID photo\" width=\"240\">",
            candidate.id
        )
    };
    format!(
        "<h2>{title}</h2><p>{completion}<br>{at}：{when}<br>{deliveries}：{times}</p><p>{photo}</p>",
        at = both("完成时间", "Completed"),
        when = last.completed_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        deliveries = both("送达次数", "Deliveries"),
        times = last.deliveries,
    )
}

fn edit_form(candidate: &SeededCandidate, now: &WireRegistration) -> String {
    let field = |name: &str, label: String, value: &str| {
        format!(
            "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" value=\"{}\">",
            escape(value)
        )
    };
    let levels: String = Level::ALL
        .iter()
        .map(|level| {
            let selected = if level.label() == now.level { " selected" } else { "" };
            format!("<option{selected}>{}</option>", level.label())
        })
        .collect();
    format!(
        "<h2>{title}</h2><form method=\"post\" action=\"/sandbox/candidates/{id}/registration\" class=\"fields\">\
         {name}{number}{ethnicity}{address}{phone}<label for=\"level\">{level}</label><select id=\"level\" name=\"level\">{levels}</select>\
         <span></span><button>保存 Save</button></form>",
        title = both("成招办更正报名信息", "The office corrects the registration"),
        id = candidate.id,
        name = field("name", both("姓名", "Name"), &now.name),
        number = field("number", both("身份证号码", "Number"), &now.number),
        ethnicity = field("ethnicity", both("民族", "Ethnicity"), now.ethnicity.as_deref().unwrap_or("")),
        address = field("address", both("住址", "Address"), now.address.as_deref().unwrap_or("")),
        phone = field("phone", both("手机号", "Phone"), &now.phone),
        level = both("层次", "Level"),
    )
}

fn enrolment(sandbox: &App, candidate: &SeededCandidate) -> String {
    let id = &candidate.id;
    let state = if sandbox.platform.has_own(&candidate.person.number) {
        format!(
            "<p>{}</p><form method=\"post\" action=\"/sandbox/candidates/{id}/forget\"><button>移除 Remove</button></form>",
            both("库中现为您上传的照片。", "The register now holds the picture you enrolled."),
        )
    } else {
        format!("<p>{}</p>", both("库中为绘制的人像。", "The register holds the drawn person."))
    };
    format!(
        "<h2>{title}</h2><p>{why}</p>{state}<form method=\"post\" action=\"/sandbox/candidates/{id}/enrol\" enctype=\"multipart/form-data\">\
         <label>{file} <input type=\"file\" name=\"picture\" accept=\"image/jpeg,image/png\" required></label> <button>登记 Enrol</button></form>",
        title = both("认证平台库中照片", "The identity platform's register"),
        why = both(
            "想用自己的照片试用时，先在此为该考生登记一张；照片只留下 128 个数，只在内存中，重启即消失。",
            "To try with your own face, enrol a picture for this candidate first; only 128 numbers are kept, in memory, until the restart.",
        ),
        file = both("选择照片", "Picture"),
    )
}

#[derive(Deserialize)]
pub(crate) struct RegistrationForm {
    name: String,
    number: String,
    ethnicity: String,
    address: String,
    phone: String,
    level: String,
}

/// `POST /sandbox/candidates/{id}/registration`
pub(crate) async fn edit(
    State(sandbox): State<Shared>,
    Path(id): Path<String>,
    Form(form): Form<RegistrationForm>,
) -> Response {
    let Some((_, candidate)) = sandbox.candidate(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let some = |text: String| Some(text).filter(|t| !t.trim().is_empty());
    let changed = sandbox.office.edit(&candidate.registration.id, |now| {
        *now = WireRegistration {
            id: now.id.clone(),
            name: form.name,
            number: form.number,
            ethnicity: some(form.ethnicity),
            address: some(form.address),
            phone: form.phone,
            level: form.level,
        };
    });
    back(
        &id,
        changed.is_some(),
        "报名信息格式不正确，未保存。",
        "The registration is malformed; nothing was saved.",
    )
}

/// `POST /sandbox/candidates/{id}/enrol`
pub(crate) async fn enrol(
    State(sandbox): State<Shared>,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Response {
    let Some((_, candidate)) = sandbox.candidate(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let picture = match form.next_field().await {
        Ok(Some(field)) => field.bytes().await.unwrap_or_default(),
        _ => Default::default(),
    };
    match sandbox.platform.enrol_own(&candidate.person.number, picture.to_vec()).await {
        Ok(taken) => back(
            &id,
            taken,
            "照片中没有找到单独一张清晰的人脸，未登记。",
            "The picture shows no single clear face; nothing was enrolled.",
        ),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `POST /sandbox/candidates/{id}/forget`
pub(crate) async fn forget(State(sandbox): State<Shared>, Path(id): Path<String>) -> Response {
    let Some((_, candidate)) = sandbox.candidate(&id) else { return StatusCode::NOT_FOUND.into_response() };
    sandbox.platform.forget_own(&candidate.person.number);
    back(&id, true, "", "")
}

/// `GET /sandbox/candidates/{id}/photo.jpg`: the ID photo that was pushed last.
pub(crate) async fn photo(State(sandbox): State<Shared>, Path(id): Path<String>) -> Response {
    let photo = sandbox
        .candidate(&id)
        .and_then(|(_, c)| sandbox.office.get(&c.registration.id))
        .and_then(|record| record.results.last().map(|r| r.photo.clone()))
        .filter(|photo| !photo.is_empty());
    match photo {
        Some(photo) => ([("content-type", "image/jpeg")], photo).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn back(id: &str, done: bool, zh: &str, en: &str) -> Response {
    let there = format!("/sandbox/candidates/{id}");
    if done {
        return Redirect::to(&there).into_response();
    }
    let message: Html<String> =
        page("未保存", &format!("<p>{}</p><p><a href=\"{there}\">返回 Back</a></p>", both(zh, en)));
    (StatusCode::UNPROCESSABLE_ENTITY, message).into_response()
}
