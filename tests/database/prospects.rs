//! What a forecast reads, against what a claim reads: both must know the same of everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::Schedule;
use aftercall::dialer::{Cap, Claim, Limits, RetryPolicy, Terms};
use aftercall::ids::{CaseId, NumberId, PatientId};
use aftercall::outcome::Disposition;
use aftercall::phone::NumberKind;

use crate::fixture::{Folder, NOW, again, begin, claim, minutes, seeded, unanswered};

#[tokio::test]
async fn a_forecast_knows_of_everybody_what_a_claim_knows() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 6).await;
    let mut tool = folder.tool().await;
    for sql in [
        "insert into number (patient_id, digits, owner, rank, state)
            select id, '1390000' || printf('%04d', id), 'kin', 3, 'suspect' from patient where id in (1, 2)",
        "insert into patient_state (patient_id, state, since, source) select 3, 'readmitted', 0, 'test'",
        "update patient set deceased = 1 where id = 4",
        "insert into do_not_call (patient_id, level, source, since) values (5, 'always', 'test', 0)",
        "insert into do_not_call (digits, level, source, since) values ('13900000001', 'always', 'test', 0)",
        "update cases set priority = 3, appointment_at = next_at + 600000 where id = 6",
    ] {
        sqlx::query(sql).execute(&mut tool).await.unwrap();
    }
    // The first case, the one with an appointment, is tried once.
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let begun = store.begin(begin(&claimed, NOW)).await.unwrap();
    let end = unanswered(
        begun.attempt,
        NOW + minutes(1),
        Disposition::NoAnswer,
        again(NOW + minutes(5)),
    );
    store.finish(end).await.unwrap();

    let limits = Limits {
        patient: vec![Cap {
            most: 9,
            within: Duration::from_secs(86_400),
        }],
        ..Limits::default()
    };
    let now = NOW + minutes(10);
    let ask = Claim {
        terms: Arc::new(Terms::new(&Schedule::default(), &RetryPolicy::default(), &limits)),
        ..claim(id, now, 10)
    };
    let reader = store.reader();
    let prospects = reader.prospects(&[id], now, now + minutes(600)).await.unwrap();
    assert_eq!(prospects.cases.len(), 6);
    let mut numbers: BTreeMap<PatientId, Vec<_>> = BTreeMap::new();
    for own in &prospects.numbers {
        numbers.entry(own.patient).or_default().push(own);
    }
    for prospect in &prospects.cases {
        let candidate = reader.candidate(prospect.case, &ask).await.unwrap().unwrap();
        assert_eq!(prospect.patient, candidate.patient);
        assert_eq!(
            (prospect.priority, prospect.due, prospect.next_at, prospect.deadline),
            (candidate.priority, candidate.due, candidate.next_at, candidate.deadline)
        );
        assert_eq!(prospect.appointment, candidate.appointment);
        assert_eq!(prospect.tried, candidate.tried);
        let own = &numbers[&prospect.patient];
        let read: Vec<_> = own.iter().map(|own| (own.id, own.owner, own.number.reveal())).collect();
        let known: Vec<_> = candidate
            .numbers
            .iter()
            .map(|own| (own.id, own.owner, own.number.reveal()))
            .collect();
        assert_eq!(read, known);
        let of_patient = prospects
            .states
            .iter()
            .filter(|state| state.patient == prospect.patient);
        let states: BTreeSet<_> = of_patient.map(|state| state.state).collect();
        assert_eq!(states, candidate.states);
        let listed: BTreeSet<NumberId> =
            own.iter()
                .filter(|own| {
                    prospects.listed.iter().any(|listed| {
                        listed.number.as_ref() == Some(&own.number) || listed.patient == Some(own.patient)
                    })
                })
                .map(|own| own.id)
                .collect();
        let known: BTreeSet<NumberId> = candidate
            .numbers
            .iter()
            .filter(|own| own.listed.is_some())
            .map(|own| own.id)
            .collect();
        assert_eq!(listed, known, "{:?}", prospect.case);
    }
    assert_eq!(claimed.case, CaseId(6), "appointments go first");
    assert_eq!(prospects.called, [(claimed.number.clone(), NOW)]);
    let seen = reader.observed().await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].kind, seen[0].disposition, seen[0].count),
        (Some(NumberKind::Mobile), Disposition::NoAnswer, 1)
    );
    let labels = reader.case_labels(&[CaseId(1), CaseId(99)]).await.unwrap();
    assert_eq!(labels.len(), 1);
    assert_eq!(labels[&CaseId(1)].name.as_deref(), Some("张*国"));
    store.close().await;
}
