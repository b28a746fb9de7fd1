//! The client transaction of every other request: figure 6 of RFC 3261.

use super::super::door::Timer;

/// Where a request that we sent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Sent, nothing has come back.
    Trying,
    /// A provisional response has come.
    Proceeding,
    /// The final response has come; copies of it are absorbed.
    Completed,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Provisional,
    Final,
    TimerE,
    TimerF,
    TimerK,
    TransportError,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Send the request again.
    Resend,
    /// Hand the response to the transaction user.
    PassUp,
    /// Tell the transaction user that nobody answered.
    TimedOut,
    /// Tell the transaction user that the peer cannot be reached.
    Unreachable,
}

/// The figure: one line an arrow.
pub(crate) const fn next(state: State, input: Input) -> (State, Action) {
    match state {
        State::Trying => match input {
            Input::Provisional => (State::Proceeding, Action::PassUp),
            Input::Final => (State::Completed, Action::PassUp),
            Input::TimerE => (State::Trying, Action::Resend),
            Input::TimerF => (State::Terminated, Action::TimedOut),
            Input::TimerK => (State::Trying, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Unreachable),
        },
        State::Proceeding => match input {
            Input::Provisional => (State::Proceeding, Action::PassUp),
            Input::Final => (State::Completed, Action::PassUp),
            Input::TimerE => (State::Proceeding, Action::Resend),
            Input::TimerF => (State::Terminated, Action::TimedOut),
            Input::TimerK => (State::Proceeding, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Unreachable),
        },
        State::Completed => match input {
            Input::Provisional | Input::Final => (State::Completed, Action::Nothing),
            Input::TimerE | Input::TimerF => (State::Completed, Action::Nothing),
            Input::TimerK => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Completed, Action::Nothing),
        },
        State::Terminated => match input {
            Input::Provisional | Input::Final => (State::Terminated, Action::Nothing),
            Input::TimerE | Input::TimerF | Input::TimerK => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
    }
}

/// The timers that run in a state; E and F run on from Trying into Proceeding.
pub(crate) const fn timers(state: State) -> &'static [Timer] {
    match state {
        State::Trying | State::Proceeding => &[Timer::E, Timer::F],
        State::Completed => &[Timer::K],
        State::Terminated => &[],
    }
}

/// The input that a response is.
pub(crate) const fn input(status: u16) -> Input {
    match status {
        0..=199 => Input::Provisional,
        200.. => Input::Final,
    }
}

/// The input that a timer is; the letters of other machines never run here.
pub(crate) const fn expired(timer: Timer) -> Option<Input> {
    match timer {
        Timer::E => Some(Input::TimerE),
        Timer::F => Some(Input::TimerF),
        Timer::K => Some(Input::TimerK),
        Timer::A | Timer::B | Timer::D | Timer::G | Timer::H | Timer::I | Timer::J | Timer::L | Timer::M => None,
        Timer::Acknowledge
        | Timer::Cancel
        | Timer::Refresh
        | Timer::KeepAlive
        | Timer::Phones
        | Timer::SessionRefresh
        | Timer::SessionExpiry => None,
    }
}
