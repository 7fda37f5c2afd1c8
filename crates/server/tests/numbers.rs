//! The numbers of an exam session through the public face.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{EXAM, Shows, Stage, office::Person, ok, person, problem, says_no};
use domain::Role;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_board_shows_how_far_everybody_got_and_what_stopped_them() {
    for stage in Stage::on_both().await {
        let path = format!("/exams/{EXAM}/numbers");
        let li = Person::hired(&stage, "li", Role::Viewer).await;
        let empty = li.sees(&path).await;
        assert_eq!((&empty["registrations"], &empty["steps"]["logged_in"]), (&json!(60), &json!(0)));
        assert_eq!((&empty["forecast"], &empty["hours"]), (&json!(null), &json!([])));

        // One goes straight through; one needs two photos, and the platform twice; one shows no card; one waits.
        let straight = stage.candidate(1).await;
        straight.up_to_verification().await;
        stage.work().await;
        let second = stage.candidate(2).await;
        second.up_to_confirmation(2).await;
        second.step("/collection/card/confirm").await;
        second.shows("/collection/photo", Shows::FaultyPhoto).await;
        stage.clock.advance(SignedDuration::from_secs(1));
        stage.platform.will([says_no()]);
        second.photo_up_to_verification().await;
        stage.work().await;
        stage.clock.advance(SignedDuration::from_secs(1));
        second.step("/collection/photo/retake").await;
        second.photo_up_to_verification().await;
        stage.work().await;
        let third = stage.candidate(3).await;
        third.shows("/collection/card/portrait", Shows::NoCard).await;
        stage.candidate(4).await.up_to_verification().await;

        assert_eq!(li.sees(&path).await, empty, "counted once for all who look");
        stage.clock.advance(SignedDuration::from_mins(10));
        let told = li.sees(&path).await;
        assert_eq!(
            told["steps"],
            json!({
                "logged_in": 4, "card": 3, "confirmed": 3, "photo": 3, "consented": 3, "verified": 2, "completed": 2, "at_desk": 0,
            })
        );
        assert_eq!(told["states"], json!({ "completed": 2, "card": 1, "verifying": 1 }));
        let rate = |tried, well| json!({ "tried": tried, "well": well });
        assert_eq!(
            told["first_tries"],
            json!({ "card_portrait": rate(4, 3), "card_emblem": rate(3, 3), "photo": rate(3, 2), "platform": rate(2, 1) })
        );
        let refusals: Vec<(&str, &str)> = (told["refusals"].as_array().unwrap().iter())
            .map(|r| (r["capture"].as_str().unwrap(), r["check"].as_str().unwrap()))
            .collect();
        assert!(refusals.contains(&("card_portrait", "card_whole")), "{refusals:?}");
        assert!(refusals.contains(&("photo", "head_pose")) && refusals.len() >= 6, "{refusals:?}");
        let outcomes: Vec<(&str, u64)> = (told["answers"].as_array().unwrap().iter())
            .map(|a| (a["outcome"].as_str().unwrap(), a["count"].as_u64().unwrap()))
            .collect();
        assert_eq!(outcomes, [("confirmed", 2), ("refused", 1)]);
        assert_eq!(
            (&told["attempts_waiting"]["count"], &told["deliveries_waiting"]["count"]),
            (&json!(1), &json!(0))
        );
        assert_eq!((&told["messages"]["sent"], &told["messages"]["dropped"]), (&json!(4), &json!({})));
        assert_eq!(told["days"], json!([{ "day": "2026-11-23", "completed": 2 }]));
        let hour = &told["hours"][0];
        assert_eq!((&hour["logins"], &hour["photos"], &hour["completed"]), (&json!(4), &json!(5), &json!(2)));
        assert_eq!(told["forecast"], json!(null), "there is no whole day yet");
        let text = told.to_string();
        for n in 1..=4 {
            for personal in [person(n).name.as_str(), person(n).number.as_str(), person(n).phone.as_str()] {
                assert!(!text.contains(personal));
            }
        }

        let of = async |query: &str| li.send(Method::GET, &format!("{path}?{query}"), None).await;
        let before = ok(of("until=2026-11-23T00:00:00Z").await, "a span").await;
        assert_eq!((&before["steps"]["logged_in"], &before["days"]), (&json!(0), &json!([])));
        let wrong = problem(of("from=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z").await).await;
        assert_eq!(wrong["code"], "malformed_request");
        assert_eq!(problem(of("from=yesterday").await).await["code"], "malformed_request");
        let none = problem(li.send(Method::GET, "/exams/none/numbers", None).await).await;
        assert_eq!(none["code"], "not_found");
    }
}

#[tokio::test]
async fn a_day_later_it_is_told_when_it_will_be_done() {
    let stage = Stage::on_sqlite().await;
    for n in 1..=2 {
        stage.candidate(n).await.up_to_verification().await;
    }
    stage.work().await;
    stage.clock.advance(SignedDuration::from_hours(24));
    let li = Person::hired(&stage, "li", Role::Viewer).await;
    let told = li.sees(&format!("/exams/{EXAM}/numbers")).await["forecast"].clone();
    assert_eq!((&told["left"], &told["days"]), (&json!(58), &json!(1)));
    assert_eq!(told["per_day"], json!({ "slow": 2.0, "likely": 2.0, "fast": 2.0 }));
    assert_eq!(told["done"]["likely"], "2026-12-23");
    assert_eq!(told["deadline"], json!(null));
    // A minute later it is ten days to the end: at two a day, 38 are left.
    let now = service::Clock::now(stage.clock.as_ref());
    let mut exam = stage.store.exam_session(EXAM).await.unwrap().unwrap();
    exam.closes_at = Some(now.saturating_add(SignedDuration::from_mins(240 * 60 + 1)).unwrap());
    stage.store.put_exam_session(&exam, now).await.unwrap();
    stage.clock.advance(SignedDuration::from_mins(1));
    let told = li.sees(&format!("/exams/{EXAM}/numbers")).await["forecast"].clone();
    assert_eq!(
        told["deadline"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap(),
        exam.closes_at.unwrap()
    );
    assert_eq!(told["left_at_deadline"]["likely"], 38);
}
