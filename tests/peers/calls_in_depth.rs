//! What a far end may do in mid-call, and what a trunk may ask for: the scenarios of sipp/depth/, each by a SIPp of its own.

use crate::rig::pcap::{Keys, Press};
use crate::scenes::{Scene, play};

const COMPLETED: &str = "completed 200 keys 172, ended by us";
/// From the fourth second on.
const EARLY: [Press; 3] = [Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)];
/// From the sixth second on, after a hold.
const LATER: [Press; 3] = [Press::new('1', 6000), Press::new('7', 8000), Press::new('2', 10_000)];
/// So slowly that the session has to be refreshed meanwhile.
const SLOWLY: [Press; 3] = [Press::new('1', 4000), Press::new('7', 12_000), Press::new('2', 21_000)];

const TCP: &str = "transport = \"tcp\"";

const fn completes(name: &'static str, file: &'static str) -> Scene {
    Scene::new(name, file, &EARLY, COMPLETED)
}

const fn holds(name: &'static str, file: &'static str, values: &'static [(&'static str, &'static str)]) -> Scene {
    Scene::new(name, file, &LATER, COMPLETED).with(values)
}

const SCENES: &[Scene] = &[
    completes("reliable 183 and 180", "depth/reliable"),
    completes("reliable 183, third PRACK", "depth/reliable").losing(*b"PRAC"),
    completes("UPDATE while it rings", "depth/update_while_ringing").announcing(20),
    holds(
        "hold by re-INVITE, sendonly",
        "depth/hold_by_invite",
        &[
            ("ADDRESS", "[media_ip]"),
            ("DIRECTION", "sendonly"),
            ("EXPECTED", "recvonly"),
        ],
    ),
    holds(
        "hold by re-INVITE, inactive",
        "depth/hold_by_invite",
        &[
            ("ADDRESS", "[media_ip]"),
            ("DIRECTION", "inactive"),
            ("EXPECTED", "inactive"),
        ],
    ),
    holds(
        "hold by re-INVITE, 0.0.0.0",
        "depth/hold_by_invite",
        &[
            ("ADDRESS", "0.0.0.0"),
            ("DIRECTION", "sendonly"),
            ("EXPECTED", "inactive"),
        ],
    ),
    holds(
        "hold by UPDATE, sendonly",
        "depth/hold_by_update",
        &[
            ("ADDRESS", "[media_ip]"),
            ("DIRECTION", "sendonly"),
            ("EXPECTED", "recvonly"),
        ],
    ),
    completes("held for 24 s in silence", "depth/held_in_silence"),
    completes("media moves by re-INVITE", "depth/moves").announcing(20),
    completes("codec changes by re-INVITE", "depth/changes_codec"),
    completes("re-INVITE without SDP", "depth/asks_for_an_offer"),
    completes("re-INVITE for T.38", "depth/wants_fax"),
    completes("re-INVITE with video", "depth/wants_video"),
    completes("REFER, OPTIONS", "depth/refers").with(&[("STATUS", "603")]),
    completes("far end refreshes", "depth/refreshes"),
    completes("far end wants a session of 60 s", "depth/asks_for_too_short_a_session"),
    completes("we refresh by UPDATE, 491 first", "depth/is_refreshed_by_update").saying(&SLOWLY, Keys::Whole),
    completes("we refresh by re-INVITE", "depth/is_refreshed_by_invite").saying(&SLOWLY, Keys::Whole),
    Scene::new(
        "nobody refreshes",
        "depth/does_not_refresh",
        &[SLOWLY[0], SLOWLY[1]],
        "partial 200 keys 17, ended by network",
    ),
    completes("422, then a longer session", "depth/wants_a_longer_session").set("session_expires = \"90s\""),
    completes("over TCP, answers", "endings/answers").over_tcp(TCP),
    Scene::new("over TCP, busy", "endings/refuses", &[], "busy 486 cause 17")
        .with(&[("STATUS", "486 Busy Here"), ("FIELD", "Reason: Q.850;cause=17")])
        .over_tcp(TCP),
    Scene::new(
        "over TCP, no answer",
        "endings/rings_on",
        &[],
        "no_answer 487, ended by us",
    )
    .over_tcp(TCP),
    Scene::new(
        "over TCP, hangs up",
        "endings/hangs_up",
        &[EARLY[0]],
        "partial 200 cause 16 keys 1, ended by far_end",
    )
    .with(&[("TALK_MS", "5500"), ("REASON", "Q.850;cause=16")])
    .over_tcp(TCP),
    completes("over TCP, hold by re-INVITE", "depth/hold_by_invite")
        .with(&[
            ("ADDRESS", "[media_ip]"),
            ("DIRECTION", "sendonly"),
            ("EXPECTED", "recvonly"),
        ])
        .saying(&LATER, Keys::Whole)
        .over_tcp(TCP),
];

#[test]
fn a_call_survives_what_the_far_end_changes() {
    let played = play("calls_in_depth", SCENES);
    played.our_voice_goes_to_the_voice_of("UPDATE while it rings");
    played.nothing_goes_to("UPDATE while it rings", 20);
    played.our_voice_goes_to_the_voice_of("media moves by re-INVITE");
}
