//! The INVITE client transaction: figure 5 of RFC 3261 with the Accepted state of RFC 6026 (its figure 5 as corrected there).

use super::super::door::Timer;

/// Where an INVITE that we sent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Sent, nothing has come back.
    Calling,
    /// A provisional response has come.
    Proceeding,
    /// A final response other than 2xx has come and is acknowledged.
    Completed,
    /// A 2xx has come; more may, from other forks or because our ACK was lost.
    Accepted,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Provisional,
    Success,
    Failure,
    TimerA,
    TimerB,
    TimerD,
    TimerM,
    TransportError,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Send the INVITE again.
    Resend,
    /// Hand the response to the transaction user.
    PassUp,
    /// Send ACK (section 17.1.1.3) and hand the response up.
    AckAndPassUp,
    /// Send the same ACK again.
    Ack,
    /// Tell the transaction user that nobody answered.
    TimedOut,
    /// Tell the transaction user that the peer cannot be reached.
    Unreachable,
}

/// The figure: one line an arrow.
pub(crate) const fn next(state: State, input: Input) -> (State, Action) {
    match state {
        State::Calling => match input {
            Input::Provisional => (State::Proceeding, Action::PassUp),
            Input::Success => (State::Accepted, Action::PassUp),
            Input::Failure => (State::Completed, Action::AckAndPassUp),
            Input::TimerA => (State::Calling, Action::Resend),
            Input::TimerB => (State::Terminated, Action::TimedOut),
            Input::TimerD | Input::TimerM => (State::Calling, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Unreachable),
        },
        State::Proceeding => match input {
            Input::Provisional => (State::Proceeding, Action::PassUp),
            Input::Success => (State::Accepted, Action::PassUp),
            Input::Failure => (State::Completed, Action::AckAndPassUp),
            Input::TimerA | Input::TimerB | Input::TimerD | Input::TimerM => (State::Proceeding, Action::Nothing),
            // Nothing of this transaction is being sent, so the error is another's (our CANCEL has its own).
            Input::TransportError => (State::Proceeding, Action::Nothing),
        },
        State::Completed => match input {
            Input::Provisional | Input::Success => (State::Completed, Action::Nothing),
            Input::Failure => (State::Completed, Action::Ack),
            Input::TimerD => (State::Terminated, Action::Nothing),
            Input::TimerA | Input::TimerB | Input::TimerM => (State::Completed, Action::Nothing),
            // The ACK could not be sent; the user has the response already.
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
        State::Accepted => match input {
            Input::Success => (State::Accepted, Action::PassUp),
            Input::TimerM => (State::Terminated, Action::Nothing),
            Input::Provisional | Input::Failure => (State::Accepted, Action::Nothing),
            Input::TimerA | Input::TimerB | Input::TimerD => (State::Accepted, Action::Nothing),
            Input::TransportError => (State::Accepted, Action::Nothing),
        },
        State::Terminated => match input {
            Input::Provisional | Input::Success | Input::Failure => (State::Terminated, Action::Nothing),
            Input::TimerA | Input::TimerB | Input::TimerD | Input::TimerM => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
    }
}

/// The timers that run in a state.
pub(crate) const fn timers(state: State) -> &'static [Timer] {
    match state {
        State::Calling => &[Timer::A, Timer::B],
        State::Proceeding | State::Terminated => &[],
        State::Completed => &[Timer::D],
        State::Accepted => &[Timer::M],
    }
}

/// The input that a response is.
pub(crate) const fn input(status: u16) -> Input {
    match status {
        0..=199 => Input::Provisional,
        200..=299 => Input::Success,
        300.. => Input::Failure,
    }
}

/// The input that a timer is; the letters of other machines never run here.
pub(crate) const fn expired(timer: Timer) -> Option<Input> {
    match timer {
        Timer::A => Some(Input::TimerA),
        Timer::B => Some(Input::TimerB),
        Timer::D => Some(Input::TimerD),
        Timer::M => Some(Input::TimerM),
        Timer::E | Timer::F | Timer::G | Timer::H | Timer::I | Timer::J | Timer::K | Timer::L => None,
        Timer::Acknowledge
        | Timer::Cancel
        | Timer::Refresh
        | Timer::KeepAlive
        | Timer::Phones
        | Timer::SessionRefresh
        | Timer::SessionExpiry => None,
    }
}
