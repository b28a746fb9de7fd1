//! Every way in which a call ends, each played by a SIPp of its own: the scenarios of sipp/endings/.

use crate::rig::pcap::{Keys, Press};

use crate::scenes::{Scene, play};

/// Four seconds into the greeting and the first question, then every two seconds.
const PRESSES: [Press; 3] = [Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)];

/// Answers all questions.
const fn completes(name: &'static str, file: &'static str) -> Scene {
    Scene::new(name, file, &PRESSES, "completed 200 keys 172, ended by us")
}

/// Never answers.
const fn refuses(
    name: &'static str,
    file: &'static str,
    values: &'static [(&'static str, &'static str)],
    expected: &'static str,
) -> Scene {
    Scene::new(name, file, &[], expected).with(values)
}

const SCENES: &[Scene] = &[
    refuses(
        "busy",
        "endings/refuses",
        &[("STATUS", "486 Busy Here"), ("FIELD", "Reason: Q.850;cause=17")],
        "busy 486 cause 17",
    ),
    refuses(
        "switched off",
        "endings/refuses",
        &[
            ("STATUS", "480 Temporarily Unavailable"),
            ("FIELD", "Reason: Q.850;cause=20"),
        ],
        "power_off 480 cause 20",
    ),
    refuses(
        "no such number",
        "endings/refuses",
        &[("STATUS", "404 Not Found"), ("FIELD", "Reason: Q.850;cause=1")],
        "vacant 404 cause 1",
    ),
    refuses(
        "congested",
        "endings/refuses",
        &[("STATUS", "503 Service Unavailable"), ("FIELD", "Retry-After: 7")],
        "network_busy 503 retry after 7 s",
    ),
    refuses(
        "declined",
        "endings/rings_and_refuses",
        &[("STATUS", "603 Decline"), ("FIELD", "X-None: 1")],
        "rejected 603",
    ),
    refuses(
        "declined while it rings",
        "endings/rings_and_refuses",
        &[
            ("STATUS", "486 Busy Here"),
            ("FIELD", "Reason: Q.850;cause=17;text=\"User busy\""),
        ],
        "rejected 486 cause 17",
    ),
    refuses(
        "redirected",
        "endings/refuses",
        &[
            ("STATUS", "302 Moved Temporarily"),
            ("FIELD", "Contact: <sip:13900000000@192.0.2.99>"),
        ],
        "forwarded_fail 302",
    ),
    refuses(
        "moved for good",
        "endings/refuses",
        &[("STATUS", "410 Gone"), ("FIELD", "Reason: Q.850;cause=22")],
        "number_changed 410 cause 22",
    ),
    refuses(
        "forwarded in vain",
        "endings/forwards_and_refuses",
        &[
            ("STATUS", "480 Temporarily Unavailable"),
            ("FIELD", "Reason: Q.850;cause=31"),
        ],
        "forwarded_fail 480 cause 31",
    ),
    refuses(
        "suspended",
        "endings/refuses",
        &[("STATUS", "403 Forbidden"), ("FIELD", "Reason: Q.850;cause=50")],
        "suspended 403 cause 50",
    ),
    refuses(
        "too few digits",
        "endings/refuses",
        &[("STATUS", "484 Address Incomplete"), ("FIELD", "X-None: 1")],
        "misdialled 484",
    ),
    refuses(
        "taken for spam",
        "endings/refuses",
        &[("STATUS", "608 Rejected"), ("FIELD", "X-None: 1")],
        "blocked 608",
    ),
    refuses(
        "caller number refused",
        "endings/refuses",
        &[("STATUS", "433 Anonymity Disallowed"), ("FIELD", "X-None: 1")],
        "caller_id_bad 433",
    ),
    refuses(
        "not acceptable",
        "endings/refuses",
        &[
            ("STATUS", "488 Not Acceptable Here"),
            ("FIELD", "Warning: 304 peers \"no codec\""),
        ],
        "own_line_fault 488",
    ),
    refuses("no answer", "endings/rings_on", &[], "no_answer 487, ended by us"),
    completes("answers all", "endings/answers"),
    completes("answers after two 18x with other SDP", "endings/answers_elsewhere"),
    completes("answers, SDP only in the 183", "endings/answers_without_sdp"),
    completes("200 until the third ACK", "endings/answers").losing(*b"ACK "),
    completes("third BYE", "endings/answers").losing(*b"BYE "),
    completes("third INVITE", "endings/answers").losing(*b"INVI"),
    completes("speaks from another port", "endings/answers").moving(20),
    completes("keys by INFO", "endings/presses_by_info").saying(&[], Keys::Whole),
    completes("keys with one end packet", "endings/answers").saying(&PRESSES, Keys::OneEnd),
    completes("keys without end packets", "endings/answers").saying(&PRESSES, Keys::NoEnd),
    completes("keys of end packets alone", "endings/answers").saying(&PRESSES, Keys::OnlyEnds),
    completes("keys doubled", "endings/answers").saying(&PRESSES, Keys::Doubled),
    Scene::new(
        "hangs up in mid prompt",
        "endings/hangs_up",
        &[],
        "early_hangup 200 cause 16, ended by far_end",
    )
    .with(&[("TALK_MS", "1500"), ("REASON", "Q.850;cause=16")]),
    Scene::new(
        "hangs up after an answer",
        "endings/hangs_up",
        &[PRESSES[0]],
        "partial 200 cause 16 keys 1, ended by far_end",
    )
    .with(&[("TALK_MS", "5500"), ("REASON", "Q.850;cause=16")]),
    Scene::new(
        "BYE with Reason of the network",
        "endings/hangs_up",
        &[],
        "network_busy 200 cause 41, ended by far_end",
    )
    .with(&[
        ("TALK_MS", "2000"),
        ("REASON", "Q.850;cause=41;text=\"Temporary failure\""),
    ]),
    Scene::new(
        "BYE before ACK",
        "endings/hangs_up_before_ack",
        &[],
        "early_hangup 200 cause 16, ended by far_end",
    )
    .with(&[("REASON", "Q.850;cause=16")])
    .losing(*b"ACK "),
    Scene::new(
        "answers in G.729",
        "endings/answers_in_g729",
        &[],
        "own_line_fault 200, ended by us",
    ),
    Scene::new(
        "no RTP at all",
        "endings/says_nothing",
        &[],
        "interrupted 200, ended by us",
    ),
];

#[test]
fn a_call_ends_as_its_scenario_says() {
    let played = play("endings", SCENES);
    // What is our fault is not counted against the patient.
    let counted = |name: &str| played.counted(name);
    assert_eq!((counted("busy"), counted("answers all")), (1, 1));
    assert_eq!(
        (
            counted("no RTP at all"),
            counted("congested"),
            counted("answers in G.729")
        ),
        (0, 0, 0)
    );
    // Whatever was announced before, our voice goes where the 200 says; and where it says nothing true, to the source.
    played.our_voice_goes_to_the_voice_of("answers after two 18x with other SDP");
    played.our_voice_goes_to_the_voice_of("speaks from another port");
}
