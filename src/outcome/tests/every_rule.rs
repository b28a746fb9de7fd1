//! A call for every rule of the table: each one fires, so none hides behind an earlier one.

use super::*;

#[test]
fn every_rule_decides_some_call() {
    for rule in RULES {
        let (facts, table) = call_of(rule.id);
        let verdict = classify(&facts, &table);
        assert_eq!(verdict.rule, rule.id, "{facts:?}");
        if let Decides::Always(disposition) = rule.decides {
            assert_eq!(verdict.disposition, disposition);
        }
    }
}

#[test]
fn no_two_rules_have_the_same_name() {
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn every_disposition_that_needs_no_listening_has_a_rule() {
    use Disposition::{Assistant, Deceased, Fax, Incapable, Language};
    let decided: BTreeSet<_> = RULES
        .iter()
        .filter_map(|rule| match rule.decides {
            Decides::Always(disposition) => Some(disposition),
            Decides::TheTrunk | Decides::WhatWasKept | Decides::TheAgent => None,
        })
        .collect();
    let missing: Vec<_> = Disposition::ALL.iter().filter(|id| !decided.contains(id)).collect();
    assert_eq!(missing, [&Deceased, &Incapable, &Language, &Assistant, &Fax]);
}

fn call_of(rule: &str) -> (Facts, CauseTable) {
    let table = CauseTable::new(vec![CauseRow {
        status: Some(432),
        q850: None,
        disposition: Disposition::PowerOff,
    }]);
    let facts = match rule {
        "left-open-by-crash" => Facts {
            left_open: Some(Reach::FarEnd),
            ..Facts::default()
        },
        "trunk-table" => return (refused(432), table.unwrap()),
        "caller-gave-up" => Facts {
            came_in: true,
            ..Facts::default()
        },
        id if id.starts_with("answered-") => answered_call_of(id),
        id if id.starts_with("own-") || id.starts_with("local-") => own_call_of(id),
        id if id.starts_with("q850-") => q850_call_of(id),
        id => sip_call_of(id),
    };
    (facts, CauseTable::default())
}

fn answered_call_of(rule: &str) -> Facts {
    let network = |facts| Facts {
        ended_by: Some(EndedBy::Network),
        ..facts
    };
    match rule {
        "answered-all-required-then-opted-out" => answered(9, 8, (8, 8), End::OptedOut),
        "answered-all-required" => answered(9, 8, (8, 8), End::Completed),
        "answered-opted-out" => answered(1, 0, (0, 8), End::OptedOut),
        "answered-wrong-number" => answered(1, 0, (0, 8), End::WrongNumber),
        "answered-third-party" => answered(1, 0, (0, 8), End::ThirdParty),
        "answered-appointment" => answered(2, 0, (0, 8), End::Appointment),
        "answered-all-required-then-ended" => answered(9, 8, (8, 8), End::HungUp),
        "answered-refused" => answered(5, 3, (3, 8), End::Refused),
        "answered-cancelled-by-person" => ended_by_us(answered(2, 1, (1, 8), End::HungUp), OurReason::Cancelled),
        "answered-no-common-codec" => ended_by_us(refused(200), OurReason::NoCommonCodec),
        "answered-while-we-gave-up" => ended_by_us(refused(200), OurReason::RingLimit),
        "answered-store-failed" => ended_by_us(answered(2, 1, (1, 8), End::HungUp), OurReason::StoreFailed),
        "answered-own-fault" => ended_by_us(answered(0, 0, (0, 8), End::HungUp), OurReason::OwnFault),
        "answered-daemon-stopped" => ended_by_us(answered(2, 1, (1, 8), End::HungUp), OurReason::Stopped),
        "answered-media-lost-after-answers" => ended_by_us(answered(2, 1, (1, 8), End::HungUp), OurReason::MediaLost),
        "answered-media-lost" => ended_by_us(answered(1, 0, (0, 8), End::HungUp), OurReason::MediaLost),
        "answered-step-bound-after-answers" => answered(90, 1, (1, 8), End::TooManySteps),
        "answered-step-bound" => answered(90, 0, (0, 8), End::TooManySteps),
        "answered-line-dropped-after-answers" => network(answered(2, 1, (1, 8), End::HungUp)),
        "answered-line-dropped" => network(answered(1, 0, (0, 8), End::HungUp)),
        "answered-agent-said" => talked(Facts::default(), Some(Disposition::Deceased)),
        "answered-agent-lost" => talked(ended_by_us(Facts::default(), OurReason::AgentLost), None),
        "answered-agent-to-say" => talked(ended_by_us(Facts::default(), OurReason::AgentHungUp), None),
        "answered-hung-up-after-answers" => answered(4, 3, (3, 8), End::HungUp),
        "answered-we-ended-after-answers" => answered(4, 3, (3, 8), End::Silent),
        "answered-network-dropped" => with_q850(answered(1, 0, (0, 8), End::HungUp), 41),
        "answered-key-then-hung-up" => answered(1, 0, (0, 8), End::HungUp),
        "answered-key-no-answer-we-ended" => answered(1, 0, (0, 8), End::Silent),
        "answered-hung-up-before-any-key" => answered(0, 0, (0, 8), End::HungUp),
        "answered-no-key-we-ended" => answered(0, 0, (0, 8), End::Silent),
        "answered-ending-not-recorded" => Facts {
            final_status: Some(200),
            ..Facts::default()
        },
        other => panic!("no call for the rule {other}"),
    }
}

/// A call that an agent talked in.
fn talked(facts: Facts, said: Option<Disposition>) -> Facts {
    Facts {
        final_status: Some(200),
        agent: Some(ByAgent {
            agent: AgentId(1),
            said,
        }),
        ..facts
    }
}

fn own_call_of(rule: &str) -> Facts {
    match rule {
        "own-cancel-by-person" => ended_by_us(refused(487), OurReason::Cancelled),
        "own-cancel-daemon-stopped" => ended_by_us(refused(487), OurReason::Stopped),
        "own-cancel-store-failed" => ended_by_us(Facts::default(), OurReason::StoreFailed),
        "own-cancel-own-fault" => ended_by_us(Facts::default(), OurReason::OwnFault),
        "own-cancel-no-common-codec" => ended_by_us(refused(487), OurReason::NoCommonCodec),
        "own-cancel-without-ringing" => ended_by_us(refused(487), OurReason::RingLimit),
        "own-cancel-after-ring-limit" => ended_by_us(after_ringing(refused(487), 45_000), OurReason::RingLimit),
        "local-credentials-refused" => Facts {
            local: Some(LocalFault::CredentialsRefused),
            ..refused(401)
        },
        "local-unreachable" => local(LocalFault::Unreachable),
        "local-unusable-response" => local(LocalFault::Unusable),
        "local-timer-b" => local(LocalFault::TimedOut),
        other => panic!("no call for the rule {other}"),
    }
}

fn q850_call_of(rule: &str) -> Facts {
    match rule {
        "q850-1-unallocated" => with_q850(refused(480), 1),
        "q850-4-special-tone" => with_q850(refused(480), 4),
        "q850-22-number-changed" => with_q850(refused(410), 22),
        "q850-28-no-such-form" => with_q850(refused(484), 28),
        "q850-17-after-long-ringing" => with_q850(after_ringing(refused(486), 55_000), 17),
        "q850-17-after-ringing" => with_q850(after_ringing(refused(486), 6_000), 17),
        "q850-17-busy" => with_q850(refused(486), 17),
        "q850-18-after-ringing" => with_q850(after_ringing(refused(480), 40_000), 18),
        "q850-18-no-response" => with_q850(refused(480), 18),
        "q850-19-no-answer" => with_q850(refused(480), 19),
        "q850-20-subscriber-absent" => with_q850(refused(480), 20),
        "q850-21-spam-filter" => with_q850(refused(608), 21),
        "q850-21-before-ringing" => with_q850(refused(403), 21),
        "q850-21-rejected" => with_q850(refused(603), 21),
        "q850-24-barred-in" => with_q850(refused(403), 55),
        "q850-27-out-of-order" => with_q850(refused(502), 27),
        "q850-31-after-forwarding" => with_q850(after_forwarding(refused(480)), 31),
        "q850-50-not-subscribed" => with_q850(refused(480), 50),
        "q850-57-caller-not-authorised" => with_q850(refused(403), 57),
        "q850-34-congestion" => with_q850(refused(503), 34),
        "q850-52-own-line" => with_q850(refused(403), 52),
        other => panic!("no call for the rule {other}"),
    }
}

fn sip_call_of(rule: &str) -> Facts {
    match rule {
        "sip-301-moved" => refused(301),
        "sip-3xx-redirected" => refused(302),
        "sip-404-not-found" => refused(404),
        "sip-484-incomplete" => refused(484),
        "sip-486-after-long-ringing" => after_ringing(refused(486), 55_000),
        "sip-486-after-ringing" => after_ringing(refused(600), 6_000),
        "sip-486-busy" => refused(486),
        "sip-607-filtered" => refused(607),
        "sip-603-declined" => refused(603),
        "sip-403-after-ringing" => after_ringing(refused(403), 6_000),
        "sip-403-forbidden" => refused(403),
        "sip-433-caller-number" => refused(433),
        "sip-480-after-ringing" => after_ringing(refused(480), 40_000),
        "sip-480-after-forwarding" => after_forwarding(refused(480)),
        "sip-480-unavailable" => refused(480),
        "sip-503-congestion" => refused(503),
        "sip-488-own-line" => refused(488),
        "sip-5xx-server-failure" => refused(599),
        "sip-other-status" => refused(499),
        other => panic!("no call for the rule {other}"),
    }
}
