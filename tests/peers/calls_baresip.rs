//! Three calls to a phone that records as well: both recordings hold the same voices at the same time.

use std::time::Duration;

use serde_json::Value;

use crate::rig::baresip::Phone;
use crate::rig::daemon::{Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::{speech, wav};

const SOON: Duration = Duration::from_secs(15);

#[test]
fn our_recording_and_the_phones_own_agree_on_both_channels() {
    let folder = Folder::new("our_recording_and_the_phones");
    let number = "19900000001";
    let accounts = [Phone::direct_account(number)];
    let mut phone = Phone::start(&folder.inside("phone"), &accounts, &speech::voice(11, 40, 90));
    let trunk = Trunk {
        name: "phone",
        port: phone.port(),
        lines: 1,
        pace: 1.0,
        account: None,
        more: "",
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    let mut ours = Vec::new();
    // Answers at once and after ringing; keys into the prompts and into the silence after them.
    for (turn, (ring_ms, keys, pause_ms)) in [(0, "171", 4500), (1500, "2102", 3500), (700, "431", 6500)]
        .into_iter()
        .enumerate()
    {
        let from = phone.events.len();
        let call = site.start(
            &format!("call{turn}"),
            &["call", number, "--dialplan", "questionnaire.toml", "--json"],
        );
        let (_, place) = phone.wait_for(from, "CALL_INCOMING", SOON);
        phone.next(place, "CALL_CLOSED", Duration::from_millis(ring_ms));
        phone.tell("accept", "");
        let (_, place) = phone.wait_for(place, "CALL_ESTABLISHED", SOON);
        assert!(
            phone.press(place, keys, Duration::from_millis(pause_ms)),
            "the call ended before its last key"
        );
        phone.wait_for(place, "CALL_CLOSED", Duration::from_secs(30));
        let said = call.finish(SOON);
        let ended: Value = said.json()["ended"].clone();
        assert_eq!(ended["disposition"], "completed", "{said:#?}");
        let recording = ended["recording"].as_str().unwrap_or_default();
        ours.push((keys.len(), recording.to_owned()));
    }
    let theirs = phone.finish();
    assert_eq!(theirs.len(), ours.len());
    for ((keys, name), (heard, said)) in ours.iter().zip(&theirs) {
        let ours = site.data(name);
        wav::assert_same_voice(
            &wav::channel(said, 0),
            &wav::channel(&ours, 0),
            *keys,
            &format!("{name}: left, the patient"),
        );
        wav::assert_same_voice(
            &wav::channel(heard, 0),
            &wav::channel(&ours, 1),
            0,
            &format!("{name}: right, the prompts"),
        );
    }
}
