//! The matrix of roles and actions, written out once more.

use super::{ACTIONS, Action, ROLES, Role, Scope, grant};

/// Whether a role may do it, role by role in the order of [`ROLES`]: on everything, the department's, the own, or not.
const MATRIX: [(Action, &str); 27] = [
    (Action::SeeTonight, "all | all | - | - | - | -"),
    (Action::RunCampaigns, "- | all | - | - | - | -"),
    (Action::SeeCampaigns, "all | all | - | all | - | all"),
    (Action::SeePatients, "- | all | all | all | department | -"),
    (Action::Reveal, "- | all | all | all | - | -"),
    (Action::SeeCalls, "- | all | own | all | department | all"),
    (Action::Listen, "- | all | own | all | department | -"),
    (Action::Comment, "- | all | - | all | department | -"),
    (Action::Review, "- | - | - | all | - | -"),
    (Action::DesignScorecards, "- | all | - | all | - | -"),
    (Action::CorrectAnswers, "- | - | - | all | - | -"),
    (Action::ExportEvidence, "- | all | - | all | - | all"),
    (Action::CheckIntegrity, "all | all | - | all | - | all"),
    (Action::SeeReports, "- | all | - | all | department | all"),
    (Action::ExportReports, "- | all | - | all | department | -"),
    (Action::Import, "- | all | - | - | - | -"),
    (Action::KeepDoNotCall, "- | all | all | - | - | -"),
    (Action::RepairNumbers, "- | all | all | - | - | -"),
    (Action::KeepTickets, "- | all | own | - | department | -"),
    (Action::Call, "- | all | own | - | - | -"),
    (Action::KeepFloor, "- | all | - | - | - | -"),
    (Action::ListenIn, "- | all | - | - | - | -"),
    (Action::OverrideRules, "- | all | - | - | - | -"),
    (Action::KeepPauseReasons, "all | all | - | - | - | -"),
    (Action::KeepPeople, "all | - | - | - | - | -"),
    (Action::SeeAudit, "all | - | - | - | - | all"),
    (Action::SeeSettings, "all | all | - | - | - | all"),
];

const DOCUMENT: &str = include_str!("../../docs/access.md");

fn word(action: Action) -> String {
    serde_json::to_value(action).unwrap().as_str().unwrap().to_owned()
}

fn scope(role: Role, action: Action) -> &'static str {
    match grant(role, action) {
        Some(Scope::All) => "all",
        Some(Scope::Department) => "department",
        Some(Scope::Own) => "own",
        None => "-",
    }
}

#[test]
fn every_role_may_do_what_the_matrix_says_and_nothing_else() {
    assert_eq!(MATRIX.map(|(action, _)| action), ACTIONS);
    for (action, row) in MATRIX {
        let granted = ROLES.map(|role| scope(role, action)).join(" | ");
        assert_eq!(granted, row, "{action:?}");
    }
}

#[test]
fn the_document_shows_the_same_matrix() {
    let head = format!("| | {} |", ROLES.map(Role::word).join(" | "));
    assert!(DOCUMENT.contains(&head), "{head}");
    for (action, row) in MATRIX {
        let line = format!("| {} | {row} |", word(action));
        assert!(
            DOCUMENT.lines().any(|shown| shown == line),
            "docs/access.md has no line {line}"
        );
    }
    let shown = DOCUMENT.lines().filter(|line| {
        ACTIONS
            .iter()
            .any(|action| line.starts_with(&format!("| {} |", word(*action))))
    });
    assert_eq!(shown.count(), ACTIONS.len());
}

#[test]
fn who_keeps_accounts_or_reads_the_audit_log_hears_no_patient_by_that() {
    for role in ROLES {
        let keeps = grant(role, Action::KeepPeople).is_some() || grant(role, Action::SeeAudit).is_some();
        let sees_patients = [Action::Reveal, Action::Listen, Action::SeePatients];
        assert!(
            !keeps || sees_patients.iter().all(|action| grant(role, *action).is_none()),
            "{role:?}"
        );
    }
}

#[test]
fn words_of_roles_are_read_back() {
    for role in ROLES {
        assert_eq!(Role::named(role.word()), Some(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.word());
    }
    assert_eq!(Role::named("root"), None);
}
