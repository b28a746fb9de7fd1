//! Who may do what: roles as grants per action and scope. This table is the only place that says so (R172).

use serde::{Deserialize, Serialize};

/// What a person works as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理员: accounts and settings; no patient's data but by revealing it.
    Administrator,
    /// 主管: campaigns, tonight, reports.
    Supervisor,
    /// 坐席: calls by hand.
    Agent,
    /// 质检: replays, judges, corrects.
    Qa,
    /// 科室主任: the own department's calls and figures.
    DepartmentHead,
    /// 审计: reads the audit log and proofs, changes nothing.
    Auditor,
}

impl Role {
    /// As it is stored and sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
            Self::Qa => "qa",
            Self::DepartmentHead => "department_head",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a word.
    pub fn named(word: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.word() == word)
    }
}

/// What can be done. Every route asks for one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The live board.
    SeeTonight,
    /// Start, pause, resume, stop campaigns.
    RunCampaigns,
    /// See campaigns and their questionnaires.
    SeeCampaigns,
    /// Search patients, see their page and why they were called or not.
    SeePatients,
    /// See one masked field in full, with a reason.
    Reveal,
    /// Find calls and see their facts, answers and reviews.
    SeeCalls,
    /// Hear a recording.
    Listen,
    /// Pin comments and flags to a call.
    Comment,
    /// Judge a call on a scorecard and sign it.
    Review,
    /// Make and publish scorecards, draw samples.
    DesignScorecards,
    /// Correct an answer; the original stays.
    CorrectAnswers,
    /// Take an evidence bundle out of the house.
    ExportEvidence,
    /// Have the files of recordings checked against their rows.
    CheckIntegrity,
    /// See reports and the cases behind each figure.
    SeeReports,
    /// Take lists and reports out of the house.
    ExportReports,
    /// Import lists.
    Import,
    /// Read and change the do-not-call list.
    KeepDoNotCall,
    /// Put right the numbers of patients.
    RepairNumbers,
    /// See tickets, and say what was done about them.
    KeepTickets,
    /// Sit at a desk: get cases, call patients, say what came of it.
    Call,
    /// See what every agent is doing.
    KeepFloor,
    /// Listen to a conversation while it goes on.
    ListenIn,
    /// Let a call pass the rules of the night, with a reason.
    OverrideRules,
    /// Say why agents may pause.
    KeepPauseReasons,
    /// Make, change and lock accounts.
    KeepPeople,
    /// Read the audit log.
    SeeAudit,
    /// See settings, trunks and calendars.
    SeeSettings,
}

/// On whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What the person has done itself.
    Own,
    /// What belongs to the person's department.
    Department,
    /// Everything.
    All,
}

/// Every role, in the order of screens.
pub const ROLES: [Role; 6] = [
    Role::Administrator,
    Role::Supervisor,
    Role::Agent,
    Role::Qa,
    Role::DepartmentHead,
    Role::Auditor,
];

/// Every action, in the order of screens.
pub const ACTIONS: [Action; 27] = [
    Action::SeeTonight,
    Action::RunCampaigns,
    Action::SeeCampaigns,
    Action::SeePatients,
    Action::Reveal,
    Action::SeeCalls,
    Action::Listen,
    Action::Comment,
    Action::Review,
    Action::DesignScorecards,
    Action::CorrectAnswers,
    Action::ExportEvidence,
    Action::CheckIntegrity,
    Action::SeeReports,
    Action::ExportReports,
    Action::Import,
    Action::KeepDoNotCall,
    Action::RepairNumbers,
    Action::KeepTickets,
    Action::Call,
    Action::KeepFloor,
    Action::ListenIn,
    Action::OverrideRules,
    Action::KeepPauseReasons,
    Action::KeepPeople,
    Action::SeeAudit,
    Action::SeeSettings,
];

/// How far a role may do it; none: not at all.
pub const fn grant(role: Role, action: Action) -> Option<Scope> {
    use Action as A;
    use Scope::{All, Department, Own};
    match role {
        Role::Administrator => match action {
            A::KeepPeople
            | A::KeepPauseReasons
            | A::SeeAudit
            | A::SeeSettings
            | A::SeeTonight
            | A::SeeCampaigns
            | A::CheckIntegrity => Some(All),
            A::RunCampaigns
            | A::SeePatients
            | A::Reveal
            | A::SeeCalls
            | A::Listen
            | A::Comment
            | A::Review
            | A::DesignScorecards
            | A::CorrectAnswers
            | A::ExportEvidence
            | A::SeeReports
            | A::ExportReports
            | A::Import
            | A::KeepDoNotCall
            | A::RepairNumbers
            | A::KeepTickets
            | A::Call
            | A::KeepFloor
            | A::ListenIn
            | A::OverrideRules => None,
        },
        Role::Supervisor => match action {
            A::KeepPeople | A::SeeAudit | A::Review | A::CorrectAnswers => None,
            A::SeeTonight
            | A::RunCampaigns
            | A::SeeCampaigns
            | A::SeePatients
            | A::Reveal
            | A::SeeCalls
            | A::Listen
            | A::Comment
            | A::DesignScorecards
            | A::ExportEvidence
            | A::CheckIntegrity
            | A::SeeReports
            | A::ExportReports
            | A::Import
            | A::KeepDoNotCall
            | A::RepairNumbers
            | A::KeepTickets
            | A::Call
            | A::KeepFloor
            | A::ListenIn
            | A::OverrideRules
            | A::KeepPauseReasons
            | A::SeeSettings => Some(All),
        },
        Role::Agent => match action {
            A::SeePatients | A::Reveal | A::RepairNumbers | A::KeepDoNotCall => Some(All),
            A::SeeCalls | A::Listen | A::KeepTickets | A::Call => Some(Own),
            A::KeepFloor
            | A::ListenIn
            | A::OverrideRules
            | A::KeepPauseReasons
            | A::SeeTonight
            | A::RunCampaigns
            | A::SeeCampaigns
            | A::Comment
            | A::Review
            | A::DesignScorecards
            | A::CorrectAnswers
            | A::ExportEvidence
            | A::CheckIntegrity
            | A::SeeReports
            | A::ExportReports
            | A::Import
            | A::KeepPeople
            | A::SeeAudit
            | A::SeeSettings => None,
        },
        Role::Qa => match action {
            A::SeeCalls
            | A::Listen
            | A::Comment
            | A::Review
            | A::DesignScorecards
            | A::CorrectAnswers
            | A::ExportEvidence
            | A::CheckIntegrity
            | A::SeePatients
            | A::Reveal
            | A::SeeReports
            | A::ExportReports
            | A::SeeCampaigns => Some(All),
            A::SeeTonight
            | A::RunCampaigns
            | A::Import
            | A::KeepDoNotCall
            | A::RepairNumbers
            | A::KeepTickets
            | A::Call
            | A::KeepFloor
            | A::ListenIn
            | A::OverrideRules
            | A::KeepPauseReasons
            | A::KeepPeople
            | A::SeeAudit
            | A::SeeSettings => None,
        },
        Role::DepartmentHead => match action {
            A::SeeCalls
            | A::Listen
            | A::Comment
            | A::SeePatients
            | A::SeeReports
            | A::ExportReports
            | A::KeepTickets => Some(Department),
            A::SeeTonight
            | A::RunCampaigns
            | A::SeeCampaigns
            | A::Reveal
            | A::Review
            | A::DesignScorecards
            | A::CorrectAnswers
            | A::ExportEvidence
            | A::CheckIntegrity
            | A::Import
            | A::KeepDoNotCall
            | A::RepairNumbers
            | A::Call
            | A::KeepFloor
            | A::ListenIn
            | A::OverrideRules
            | A::KeepPauseReasons
            | A::KeepPeople
            | A::SeeAudit
            | A::SeeSettings => None,
        },
        Role::Auditor => match action {
            A::SeeAudit
            | A::SeeCalls
            | A::SeeReports
            | A::CheckIntegrity
            | A::ExportEvidence
            | A::SeeSettings
            | A::SeeCampaigns => Some(All),
            A::SeeTonight
            | A::RunCampaigns
            | A::SeePatients
            | A::Reveal
            | A::Listen
            | A::Comment
            | A::Review
            | A::DesignScorecards
            | A::CorrectAnswers
            | A::ExportReports
            | A::Import
            | A::KeepDoNotCall
            | A::RepairNumbers
            | A::KeepTickets
            | A::Call
            | A::KeepFloor
            | A::ListenIn
            | A::OverrideRules
            | A::KeepPauseReasons
            | A::KeepPeople => None,
        },
    }
}
