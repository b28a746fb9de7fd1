//! Who called us: matched to a patient by number, whatever its spelling, and shown masked; who hears what was said.

use aftercall::dialer::{CallBack, Recording};
use aftercall::ids::{AgentId, CaseId, PatientId};
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::store::console::desk::Skip;
use aftercall::store::{Store, Visible};

use crate::agents::{LI, WU, floor, opened};
use crate::fixture::{
    Folder, NOW, again, answered, campaign, dialed, import, minutes, number, row, scalar, seeded, unanswered,
};

fn from(caller: Option<&str>) -> CallBack {
    CallBack {
        at: NOW + minutes(5),
        trunk: "north".into(),
        number: caller.map(|caller| Number::parse(caller).unwrap()),
        status: 480,
    }
}

async fn who(store: &Store, caller: &str) -> Option<i64> {
    let noted = store.note_call_back(from(Some(caller))).await.unwrap();
    noted.patient.map(|patient| patient.0)
}

#[tokio::test]
async fn a_patient_is_known_by_number_however_the_trunk_spells_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut landline = row(1);
    landline.numbers = vec![number("057187654321")];
    let mut local = row(2);
    local.numbers = vec![number("66554433")];
    import(&store, id, vec![row(0), landline, local]).await;
    for caller in ["13800000000", "+8613800000000", "008613800000000", "013800000000"] {
        assert_eq!(who(&store, caller).await, Some(1), "{caller}");
    }
    for caller in ["057187654321", "+8657187654321", "57187654321"] {
        assert_eq!(who(&store, caller).await, Some(2), "{caller}");
    }
    assert_eq!(who(&store, "057166554433").await, Some(3), "the list had no area code");
    assert_eq!(who(&store, "13999999999").await, None);
    store.close().await;
}

#[tokio::test]
async fn a_number_of_two_patients_is_the_one_who_was_called_last() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut wife = row(1);
    wife.numbers = row(0).numbers;
    import(&store, id, vec![row(0), wife]).await;
    assert_eq!(who(&store, "13800000000").await, Some(1));
    for _ in 0..2 {
        let (_, attempt) = dialed(&store, id, NOW).await;
        let end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(180)));
        store.finish(end).await.unwrap();
    }
    let noted = store.note_call_back(from(Some("13800000000"))).await.unwrap();
    assert_eq!((noted.patient, noted.case), (Some(PatientId(2)), Some(CaseId(2))));
    store.close().await;
}

#[tokio::test]
async fn a_glance_shows_who_called_masked_with_campaign_and_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(180)));
    store.finish(end).await.unwrap();
    store.note_call_back(from(Some("+8613800000000"))).await.unwrap();
    store.note_call_back(from(None)).await.unwrap();
    let status = store.reader().status(NOW, NOW, 5).await.unwrap();
    assert_eq!(status.call_backs_today, 2);
    let [withheld, known] = status.call_backs.as_slice() else {
        panic!("{:?}", status.call_backs)
    };
    assert_eq!((&withheld.number, &withheld.name, withheld.case), (&None, &None, None));
    assert_eq!(known.number.as_deref(), Some("+86*******0000"));
    assert_eq!(known.name.as_deref(), Some("张*国"));
    assert_eq!(known.campaign.as_deref(), Some("july"));
    assert_eq!(
        (known.outcome, known.last_disposition),
        (None, Some(Disposition::NoAnswer))
    );
    let later = store.reader().status(NOW, NOW + minutes(6), 5).await.unwrap();
    assert_eq!(later.call_backs_today, 0, "yesterday's do not count");
    let mut tool = folder.tool().await;
    let shown: String = scalar(&mut tool, "select at_local from v_call_back order by id limit 1").await;
    assert_eq!(shown, "2025-07-01 09:05:00");
    store.close().await;
}

/// Patient 1 called, and left a message with the menu that answered: the call has no case.
async fn leaves_a_message(folder: &Folder, store: &Store, campaign: aftercall::ids::CampaignId) {
    let (_, attempt) = dialed(store, campaign, NOW).await;
    let mut end = answered(attempt, NOW, 9_000, Disposition::Unknown, again(NOW + minutes(60)));
    end.media.recording = Some(Recording {
        path: "recordings/0/1.wav".into(),
        duration_ms: 9_000,
        gap_ms: 0,
        sha256: "5a".repeat(32),
    });
    store.finish(end).await.unwrap();
    let mut tool = folder.tool().await;
    for sql in [
        "update attempt set case_id = null, is_test = 1, direction = 'in'",
        "insert into call_back (id, at, trunk, status, patient_id, case_id, others, attempt_id)
            values (7, 5, 'north', 200, 1, 1, 0, 1)",
    ] {
        sqlx::query(sql).execute(&mut tool).await.unwrap();
    }
    let patient = PatientId(1);
    let listed = store.reader().messages_of(patient).await.unwrap();
    assert_eq!(listed, [], "who only heard the menu has left none");
    let said = "insert into answer (attempt_id, question, kind, value, keys, keep_seq, at, audio_from_ms, audio_to_ms)
        values (1, 'message', 'value', 1, '', 1, 0, 100, 900)";
    sqlx::query(said).execute(&mut tool).await.unwrap();
}

async fn hears(store: &Store, agent: AgentId) -> bool {
    let own = Visible::Of(agent.0);
    store.reader().call_back_sound(&own, 7).await.unwrap().is_some()
}

#[tokio::test]
async fn an_agent_hears_the_messages_of_the_patient_in_hand_and_of_no_other() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    leaves_a_message(&folder, &store, id).await;
    let listed = store.reader().messages_of(PatientId(1)).await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|row| (row.id, row.at.millis(), row.recording_ms))
        .collect();
    assert_eq!(listed, [(7, 5, 9_000)]);
    assert_eq!(store.reader().messages_of(PatientId(2)).await.unwrap(), []);
    assert!(!hears(&store, LI).await, "nobody's patient yet");
    let at = NOW + minutes(120);
    let conversation = opened(&store, LI, 1, at).await;
    assert_eq!((hears(&store, LI).await, hears(&store, WU).await), (true, false));
    let skip = Skip {
        agent: LI,
        conversation,
        reason: "正在通话".into(),
        at,
    };
    store.skip(skip).await.unwrap().unwrap();
    assert!(!hears(&store, LI).await, "it is settled");
    opened(&store, LI, 2, at).await;
    assert!(!hears(&store, LI).await, "another patient");
    store.close().await;
}
