//! The desk put together: what the database keeps, and what the control core shows right now.

use super::form::form;
use super::now::{phone_now, presence_of, refusal, state_of};
use super::outcomes::outcomes;
use super::shown::*;
use crate::engine::office::desk::{Agent, ConversationPicture, Presence};
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::ids::{CaseId, PatientId};
use crate::outcome::Disposition;
use crate::report::why;
use crate::store::console::desk::{AgentRow, ConversationRow, DeskAttemptRow, TicketRow, UpcomingRow};

/// The desk of whoever asks.
pub(super) async fn page(console: &Console, seat: &Seat) -> Result<DeskPage, Problem> {
    let agent = Agent(seat.person().id);
    let now = console.now();
    let reader = console.access.store().reader();
    let row = reader.open_conversation(agent).await?;
    let picture = row.as_ref().and_then(|row| {
        let id = crate::engine::office::desk::Conversation(row.id);
        console.office.conversation_picture(id)
    });
    // What the control core has under way, nobody gave back.
    let is_looked_at = picture.is_some() || previews(console, agent);
    let conversation = match row.filter(|row| !row.is_given_back(now, is_looked_at)) {
        Some(row) => conversation(console, row, picture.as_ref()).await?,
        None => None,
    };
    let given_back = match conversation {
        Some(_) => None,
        None => reader.given_back(agent, console.office.midnight(now), now).await?,
    };
    let upcoming = console.office.upcoming(agent).await?;
    let next_appointment_at = match upcoming.is_empty() {
        true => reader.next_appointment(now).await?,
        false => None,
    };
    let pause_reasons = reader.pause_reasons().await?;
    Ok(DeskPage {
        at: now.into(),
        me: me(console, agent).await?,
        conversation,
        given_back: given_back.map(|row| DeskGivenBack {
            case_id: row.case_id,
            name: row.name,
            at: row.preview_until.into(),
        }),
        upcoming: upcoming.into_iter().map(coming).collect(),
        next_appointment_at: next_appointment_at.map(Into::into),
        pause_reasons: pause_reasons.into_iter().map(DeskPauseReason::of).collect(),
        transfers: console
            .office
            .transfers()
            .iter()
            .map(|number| number.reveal().to_owned())
            .collect(),
    })
}

/// Whether an agent looks at a case, by the control core's own picture.
fn previews(console: &Console, agent: Agent) -> bool {
    let picture = console.office.agent_picture(agent);
    picture.is_some_and(|picture| picture.presence == Presence::Previewing)
}

async fn me(console: &Console, agent: Agent) -> Result<DeskMe, Problem> {
    let reader = console.access.store().reader();
    let row = reader.agent(agent).await?;
    let today = reader
        .agent_today(agent, console.office.midnight(console.now()))
        .await?;
    let picture = console.office.agent_picture(agent);
    let reason = match picture.as_ref().map(|picture| &picture.presence) {
        Some(Presence::Paused { reason }) => Some(reason.clone()),
        Some(
            Presence::Away
            | Presence::Ready
            | Presence::Previewing
            | Presence::Reserved
            | Presence::Ringing
            | Presence::Talking
            | Presence::WrappingUp,
        )
        | None => None,
    };
    let user = row.as_ref().and_then(AgentRow::registers_as);
    let now = phone_now(console, user);
    let phone = match row.as_ref().map(|row| (&row.extension, &row.phone)) {
        Some((Some((_, number)), _)) => DeskPhone {
            kind: DeskPhoneKind::Behind,
            name: Some(number.reveal().to_owned()),
            now,
        },
        Some((None, Some(user))) => DeskPhone {
            kind: DeskPhoneKind::Registered,
            name: Some(user.clone()),
            now,
        },
        Some((None, None)) | None => DeskPhone {
            kind: DeskPhoneKind::None,
            name: None,
            now,
        },
    };
    Ok(DeskMe {
        presence: picture
            .as_ref()
            .map_or(DeskPresence::Away, |picture| presence_of(&picture.presence)),
        reason,
        since_at: picture.as_ref().map(|picture| picture.since.into()),
        until_at: picture.as_ref().and_then(|picture| picture.until).map(Into::into),
        then: picture
            .as_ref()
            .and_then(|picture| picture.then.as_ref())
            .map(presence_of),
        refused: picture
            .as_ref()
            .and_then(|picture| picture.refused.as_ref())
            .map(refusal),
        phone,
        calls_today: today.calls,
        completed_today: today.completed,
        calls_a_day: row.map_or(0, |row| row.calls_a_day),
        wrap_up_mean_ms: today.wrap_up_mean_ms,
    })
}

async fn conversation(
    console: &Console,
    row: ConversationRow,
    picture: Option<&ConversationPicture>,
) -> Result<Option<DeskConversation>, Problem> {
    let Some(case) = row.case_id.map(CaseId) else {
        return Ok(None);
    };
    let reader = console.access.store().reader();
    let now = state_of(&row, picture);
    let card = reader.desk_card(case, console.now()).await?;
    let plan = console.office.kept_dialplan(&card.dialplan_hash).await?;
    let answers = reader.desk_answers(case).await?;
    let note = reader.open_note(case, Agent(row.account_id)).await?;
    let tickets = reader.desk_tickets(case).await?;
    let form = form(&plan, answers, row.attempt_id);
    let outcomes = outcomes(&row, &now, &form);
    let is_chosen = row.outcome.is_some();
    Ok(Some(DeskConversation {
        id: row.id,
        origin: match row.origin.as_str() {
            "picked" => DeskOrigin::Picked,
            "asked_for" => DeskOrigin::AskedFor,
            "called_in" => DeskOrigin::CalledIn,
            _ => DeskOrigin::Next,
        },
        preview_until_at: row.preview_until.map(Into::into),
        now,
        case: self::card(console, card, row.number_id).await?,
        form,
        note: DeskNote {
            saved_at: (note.version > 0).then(|| note.saved_at.into()),
            text: note.text,
            version: note.version,
        },
        outcomes,
        classified: if is_chosen { row.classified } else { row.disposition },
        outcome: row.outcome,
        cause: row.cause,
        tickets: tickets.into_iter().map(ticket).collect(),
    }))
}

async fn card(
    console: &Console,
    card: crate::store::console::desk::DeskCard,
    number: Option<i64>,
) -> Result<DeskCase, Problem> {
    let reader = console.access.store().reader();
    let patient = PatientId(card.patient_id);
    let numbers = reader.patient_numbers(patient, console.now()).await?;
    let history = reader.desk_history(patient).await?;
    let notes = reader.desk_notes(patient).await?;
    let messages = reader.messages_of(patient).await?;
    let campaign = reader.campaign_of(CaseId(card.case_id)).await?;
    let terms = console.office.terms_of(&campaign.file);
    let states = card.states.as_deref().unwrap_or_default().split(',');
    Ok(DeskCase {
        case_id: card.case_id,
        patient_id: card.patient_id,
        // Whoever holds the conversation has it revealed: `opened_case` in the audit log.
        name: card.name.into_inner(),
        patient_no: card.patient_no,
        sex: card.sex,
        birth: card.birth.map(|birth| birth.chars().take(4).collect()),
        age: card.age,
        language: card.language,
        deceased: card.deceased,
        states: states.filter(|state| !state.is_empty()).map(str::to_owned).collect(),
        campaign: card.campaign,
        visit_no: card.visit_no,
        department: card.department,
        ward: card.ward,
        bed: card.bed,
        doctor: card.doctor,
        diagnoses: card.diagnoses,
        admitted_at: card.admitted_at.map(Into::into),
        discharged_at: card.discharged_at.map(Into::into),
        due_at: card.due_at.into(),
        deadline_at: card.deadline_at.map(Into::into),
        appointment_at: card.appointment_at.map(Into::into),
        priority: card.priority,
        counted: card.counted,
        budget: terms.map(|(terms, _)| terms.budget),
        numbers: numbers
            .into_iter()
            .map(|row| DeskNumber {
                is_current: Some(row.id) == number,
                id: row.id,
                number: row.number,
                owner: row.owner,
                relation: row.relation,
                state: row.state,
                listed: row.listed,
            })
            .collect(),
        history: history.into_iter().map(attempt).collect::<Result<_, _>>()?,
        notes: notes
            .into_iter()
            .map(|row| DeskEarlierNote {
                at: row.at.into(),
                who: row.who,
                text: row.text,
            })
            .collect(),
        messages: messages
            .into_iter()
            .map(|row| DeskMessage {
                id: row.id,
                at: row.at.into(),
                recording_ms: row.recording_ms,
                seen_by: row.seen_by,
            })
            .collect(),
    })
}

fn attempt(row: DeskAttemptRow) -> Result<DeskAttempt, Problem> {
    let disposition = row.disposition.as_deref().and_then(Disposition::parse);
    let facts = row.facts()?;
    let told = why::told(row.direction()?, disposition, row.rule.as_deref(), facts.as_ref());
    Ok(DeskAttempt {
        attempt_id: row.id,
        begun_at: row.begun_at.into(),
        agent: row.agent,
        disposition: row.disposition,
        sentence: Words {
            zh: told.zh,
            en: told.en,
        },
        answers: row.answers,
    })
}

fn coming(row: UpcomingRow) -> DeskUpcoming {
    DeskUpcoming {
        case_id: row.case,
        name: row.name,
        sex: row.sex,
        age: row.age,
        campaign: row.campaign,
        department: row.department,
        deadline_at: row.deadline_at.map(Into::into),
        appointment_at: row.appointment_at.map(Into::into),
        priority: row.priority,
        last_disposition: row.last_disposition,
    }
}

fn ticket(row: TicketRow) -> DeskTicket {
    DeskTicket {
        id: row.id,
        department: row.department,
        text: row.text,
        due_at: row.due_at.into(),
        state: row.state,
        opened_at: row.opened_at.into(),
    }
}
