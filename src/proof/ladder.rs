//! The signalling of a call as a ladder of arrows, from the facts that are stored of it.

use crate::outcome::{EndedBy, Facts};

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We.
    Us,
    /// The trunk.
    Trunk,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Milliseconds after the INVITE; none: the facts do not say when.
    pub at_ms: Option<u64>,
    /// Who sends it.
    pub from: Side,
    /// The message, as `180` or `BYE`.
    pub text: String,
}

fn rung(at_ms: Option<u64>, from: Side, text: impl Into<String>) -> Rung {
    Rung {
        at_ms,
        from,
        text: text.into(),
    }
}

/// The ladder of an attempt. It holds what the facts prove and nothing that they only make likely.
pub fn ladder(facts: &Facts) -> Vec<Rung> {
    if facts.call_id.is_empty() {
        return Vec::new();
    }
    let pdd = facts.pdd_ms.map(u64::from);
    let rang = facts
        .pdd_ms
        .zip(facts.ring_ms)
        .map(|(pdd, ring)| u64::from(pdd) + u64::from(ring));
    let mut rungs = vec![rung(Some(0), Side::Us, "INVITE")];
    for status in &facts.provisional {
        let at = if (180..190).contains(status) { pdd } else { None };
        rungs.push(rung(at, Side::Trunk, status.to_string()));
    }
    let Some(status) = facts.final_status else {
        if facts.ended_by == Some(EndedBy::Us) {
            rungs.push(rung(rang, Side::Us, "CANCEL"));
        }
        return rungs;
    };
    if status == 487 && facts.ended_by == Some(EndedBy::Us) {
        rungs.push(rung(rang, Side::Us, "CANCEL"));
    }
    let reasons = if facts.reasons.is_empty() {
        String::new()
    } else {
        format!("  Reason: {}", facts.reasons.join(" | "))
    };
    let answered = facts.talk_ms.is_some();
    let told = if answered { String::new() } else { reasons.clone() };
    rungs.push(rung(rang, Side::Trunk, format!("{status} {}{told}", facts.phrase)));
    rungs.push(rung(rang, Side::Us, "ACK"));
    if let Some(talk) = facts.talk_ms {
        let over = rang.map(|rang| rang + u64::from(talk));
        match facts.ended_by {
            Some(EndedBy::FarEnd) => rungs.push(rung(over, Side::Trunk, format!("BYE{reasons}"))),
            Some(EndedBy::Us) => rungs.push(rung(over, Side::Us, "BYE")),
            Some(EndedBy::Network) | None => {}
        }
    }
    rungs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answered_call_that_the_patient_ended_shows_every_message_in_order() {
        let facts = Facts {
            call_id: "abc".to_owned(),
            provisional: vec![100, 180],
            final_status: Some(200),
            phrase: "OK".to_owned(),
            reasons: vec!["Q.850;cause=16".to_owned()],
            pdd_ms: Some(900),
            ring_ms: Some(4_100),
            talk_ms: Some(61_000),
            ended_by: Some(EndedBy::FarEnd),
            ..Facts::default()
        };
        let shown: Vec<String> = ladder(&facts)
            .iter()
            .map(|rung| format!("{:?} {:?} {}", rung.at_ms, rung.from, rung.text))
            .collect();
        assert_eq!(
            shown,
            [
                "Some(0) Us INVITE",
                "None Trunk 100",
                "Some(900) Trunk 180",
                "Some(5000) Trunk 200 OK",
                "Some(5000) Us ACK",
                "Some(66000) Trunk BYE  Reason: Q.850;cause=16",
            ]
        );
    }

    #[test]
    fn a_call_that_never_left_has_no_ladder() {
        assert!(ladder(&Facts::default()).is_empty());
    }

    #[test]
    fn a_call_that_we_gave_up_shows_cancel_before_487() {
        let facts = Facts {
            call_id: "abc".to_owned(),
            provisional: vec![180],
            final_status: Some(487),
            phrase: "Request Terminated".to_owned(),
            pdd_ms: Some(500),
            ring_ms: Some(45_000),
            ended_by: Some(EndedBy::Us),
            ..Facts::default()
        };
        let shown: Vec<String> = ladder(&facts).into_iter().map(|rung| rung.text).collect();
        assert_eq!(shown, ["INVITE", "180", "CANCEL", "487 Request Terminated", "ACK"]);
    }
}
