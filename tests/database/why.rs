//! Why somebody was called or not, over what the claim itself wrote down.

use std::sync::Arc;

use aftercall::calendar::{DEFAULT_ZONE, DueAfter, Schedule};
use aftercall::dialer::claim::Why;
use aftercall::dialer::{BeginIncoming, Limits, PatientState, RetryPolicy, Terms, WhoCalls};
use aftercall::ids::LegId;
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, Language};
use aftercall::phone::Number;
use aftercall::report::why::{self, Bar, CampaignStanding, House, Plan, Situation, situation};
use aftercall::store::dnc::{Barred, Level, Listing};
use aftercall::store::patient_state::NewState;
use aftercall::store::{Deadline, Error, Store};

use crate::fixture::{
    Folder, HASH, NOW, again, answered, campaign, claim, dialed, import, minutes, plan, row, seeded, unanswered,
};

fn house(now: Wall) -> House {
    House {
        now,
        ..House::default()
    }
}

fn terms() -> Plan {
    let retry = RetryPolicy::default().with_budget(3);
    Plan {
        terms: Arc::new(Terms::new(&Schedule::default(), &retry, &Limits::default())),
        trunks: vec!["north".to_owned()],
    }
}

async fn asked(store: &Store, known_by: &str, now: Wall) -> why::Known {
    why::of(store.reader(), known_by, None, &house(now), |_| Some(terms()))
        .await
        .unwrap()
}

async fn said(store: &Store, known_by: &str, now: Wall) -> String {
    let known = asked(store, known_by, now).await;
    why::sentence(&known.cases[0], DEFAULT_ZONE, Language::Zh)
}

#[tokio::test]
async fn each_case_of_a_night_is_told_by_what_the_claim_decided() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 4).await;
    assert_eq!(said(&store, "P0003", NOW).await, "该拨打了，前面还有 3 个。");
    let listing = Listing {
        level: Level::Always,
        until: None,
        reason: None,
        source: "dnc add".to_owned(),
        who: "wang".to_owned(),
    };
    let number = Barred::Number(Number::parse("13800000000").unwrap());
    store.list_do_not_call(vec![number], listing, NOW).await.unwrap();
    let readmitted = NewState {
        known_by: "P0001".to_owned(),
        state: PatientState::Readmitted,
        until: None,
        source: "patient set".to_owned(),
        who: "wang".to_owned(),
    };
    store.set_patient_state(readmitted, NOW).await.unwrap();
    assert_eq!(
        said(&store, "P0000", NOW).await,
        "不会再拨打：在免打扰名单中，下次轮到时按“不宜回访”结案。",
        "before the claim, by what it would decide"
    );
    let (called, attempt) = dialed(&store, id, NOW).await;
    assert_eq!(
        said(&store, "P0000", NOW).await,
        "没有拨打：在免打扰名单中；2025-07-01 09:00 结案。"
    );
    let held = said(&store, "P0001", NOW).await;
    assert!(held.starts_with("暂不拨打：患者再次入院，"), "{held}");
    let known = asked(&store, "P0001", NOW).await;
    let decided: Vec<Why> = known.cases[0].decisions.iter().map(|decision| decision.why).collect();
    assert_eq!(decided, [Why::State(PatientState::Readmitted)]);
    assert_eq!(called.number.reveal(), "13800000002");
    assert_eq!(
        said(&store, "P0002", NOW).await,
        "正在拨打：2025-07-01 09:00 起，经中继 north，第 1 次。"
    );
    let pause = NOW + minutes(180);
    let end = unanswered(attempt, NOW + minutes(1), Disposition::NoAnswer, again(pause));
    store.finish(end).await.unwrap();
    assert_eq!(
        said(&store, "P0002", NOW + minutes(2)).await,
        "2025-07-01 09:00 打过 1 次，无人接听，2025-07-01 14:00 以后再打（已计 1 次，最多 3 次）。",
        "the pause ends at noon, when the windows are closed"
    );
    let leased = store.claim(claim(id, NOW, 1)).await.unwrap();
    assert_eq!(leased.len(), 1);
    let known = asked(&store, "V0003", NOW).await;
    assert_eq!(situation(&known.cases[0]), Situation::Leased);
    store
        .clear_patient_state(
            "P0001".to_owned(),
            PatientState::Readmitted,
            "li".to_owned(),
            NOW + minutes(3),
        )
        .await
        .unwrap();
    assert_eq!(said(&store, "P0001", NOW + minutes(3)).await, "该拨打了，下一个就是。");
    store.close().await;
}

#[tokio::test]
async fn what_keeps_everybody_from_being_called_stands_behind_the_sentence() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 1).await;
    store.pause_campaign("july", NOW).await.unwrap();
    let known = asked(&store, "P0000", NOW).await;
    assert_eq!(known.cases[0].present.campaign, CampaignStanding::Paused { since: NOW });
    assert_eq!(
        said(&store, "P0000", NOW).await,
        "该拨打了，下一个就是；但任务“july”自 2025-07-01 09:00 起暂停，恢复后才拨打。"
    );
    store.unpause_campaign("july").await.unwrap();
    let down = House {
        trunks_down: vec!["north".to_owned()],
        ..house(NOW)
    };
    let known = why::of(store.reader(), "P0000", None, &down, |_| Some(terms()))
        .await
        .unwrap();
    let trunks = vec!["north".to_owned()];
    assert_eq!(known.cases[0].present.bars, [Bar::TrunksDown { trunks }]);
    let known = why::of(store.reader(), "P0000", None, &house(NOW), |_| None)
        .await
        .unwrap();
    assert_eq!(known.cases[0].present.bars, [Bar::Unreadable]);
    store.close().await;
}

#[tokio::test]
async fn who_has_no_case_and_who_is_unknown_are_told_apart() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    campaign(&store, "august").await;
    import(&store, july, vec![row(0)]).await;
    let known = why::of(store.reader(), "P0000", Some("august"), &house(NOW), |_| Some(terms()))
        .await
        .unwrap();
    assert!(known.cases.is_empty());
    assert_eq!(known.visits[0].visit_no, "V0000");
    let unknown = why::of(store.reader(), "13800000000", None, &house(NOW), |_| Some(terms())).await;
    assert!(matches!(unknown, Err(Error::NoPatient)), "{unknown:?}");
    let mut late = plan(july);
    late.deadline_after = Some(Deadline {
        after: DueAfter::For(minutes(30)),
        zone: DEFAULT_ZONE,
        calendar: Arc::default(),
    });
    store.apply_import(late, vec![row(1)]).await.unwrap();
    store.claim(claim(july, NOW + minutes(60), 10)).await.unwrap();
    assert_eq!(
        said(&store, "P0001", NOW + minutes(60)).await,
        "没有拨打：期限 2025-07-01 09:30 已过，一次也没有打；2025-07-01 10:00 结案。"
    );
    let answer = why::answer(asked(&store, "P0001", NOW).await, DEFAULT_ZONE, Language::En);
    let text = why::facts_under(&answer, DEFAULT_ZONE, Language::En).join("\n");
    let json = serde_json::to_string(&answer).unwrap();
    for shown in [&text, &json] {
        assert!(!shown.contains("13800000001") && !shown.contains("张建国"), "{shown}");
        assert!(shown.contains("138****0001"), "{shown}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_patient_who_called_us_is_told_as_that() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(180)));
    store.finish(end).await.unwrap();
    let at = NOW + minutes(10);
    let number = Number::parse("13800000000").unwrap();
    let asking = WhoCalls {
        leg: LegId::INCOMING,
        at,
        number: Some(number.clone()),
        campaigns: vec![id],
        completable: minutes(60),
    };
    let caller = store.who_calls(asking).await.unwrap();
    let begun = store
        .begin_incoming(BeginIncoming {
            leg: LegId::INCOMING,
            at,
            trunk: "north".into(),
            number: Some(number),
            known: caller.number,
            patient: caller.patient,
            others: caller.others,
            about: caller.about,
            case: caller.open.map(|open| open.claimed.case),
            dialplan: HASH.into(),
            resumed_from: None,
        })
        .await
        .unwrap();
    let first = |known: &why::Known| {
        let links = why::chain(known, DEFAULT_ZONE, |_| None);
        let link = links.into_iter().find(|link| link.attempt == Some(begun.attempt));
        let sentence = link.unwrap().sentence;
        (sentence.zh, sentence.en)
    };
    let known = asked(&store, "P0000", at).await;
    let text = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    assert_eq!(
        first(&known),
        text("患者来电，正在通话。", "The patient called us and is on the line.")
    );
    assert_eq!(
        said(&store, "P0000", at).await,
        "患者来电，正在通话：2025-07-01 09:10 起，经中继 north。"
    );
    store
        .finish(answered(
            begun.attempt,
            at + minutes(1),
            30_000,
            Disposition::EarlyHangup,
            again(NOW + minutes(180)),
        ))
        .await
        .unwrap();
    let known = asked(&store, "P0000", at + minutes(2)).await;
    let (zh, en) = first(&known);
    assert!(
        zh.starts_with("患者来电，") && en.starts_with("The patient called us; "),
        "{zh} {en}"
    );
    let sentence = why::sentence(&known.cases[0], DEFAULT_ZONE, Language::En);
    assert!(
        sentence.contains("one attempt, then the patient called us, 2025-07-01 09:10: "),
        "{sentence}"
    );
    store.close().await;
}
