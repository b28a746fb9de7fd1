//! The four tables against the arrows of the RFC's figures: what is no arrow changes nothing and does nothing.

use super::{client_invite, client_other, server_invite, server_other};

#[test]
fn the_invite_client_follows_figure_5_with_the_accepted_state() {
    use client_invite::{Action as A, Input as I, State as S, next};
    let arrows = [
        (S::Calling, I::TimerA, S::Calling, A::Resend),
        (S::Calling, I::TimerB, S::Terminated, A::TimedOut),
        (S::Calling, I::TransportError, S::Terminated, A::Unreachable),
        (S::Calling, I::Provisional, S::Proceeding, A::PassUp),
        (S::Calling, I::Success, S::Accepted, A::PassUp),
        (S::Calling, I::Failure, S::Completed, A::AckAndPassUp),
        (S::Proceeding, I::Provisional, S::Proceeding, A::PassUp),
        (S::Proceeding, I::Success, S::Accepted, A::PassUp),
        (S::Proceeding, I::Failure, S::Completed, A::AckAndPassUp),
        (S::Completed, I::Failure, S::Completed, A::Ack),
        (S::Completed, I::TransportError, S::Terminated, A::Nothing),
        (S::Completed, I::TimerD, S::Terminated, A::Nothing),
        (S::Accepted, I::Success, S::Accepted, A::PassUp),
        (S::Accepted, I::TimerM, S::Terminated, A::Nothing),
    ];
    for state in [S::Calling, S::Proceeding, S::Completed, S::Accepted, S::Terminated] {
        for input in [
            I::Provisional,
            I::Success,
            I::Failure,
            I::TimerA,
            I::TimerB,
            I::TimerD,
            I::TimerM,
            I::TransportError,
        ] {
            let arrow = arrows.iter().find(|arrow| (arrow.0, arrow.1) == (state, input));
            let expected = arrow.map_or((state, A::Nothing), |arrow| (arrow.2, arrow.3));
            assert_eq!(next(state, input), expected, "{state:?} {input:?}");
        }
    }
}

#[test]
fn the_other_client_follows_figure_6() {
    use client_other::{Action as A, Input as I, State as S, next};
    let arrows = [
        (S::Trying, I::TimerE, S::Trying, A::Resend),
        (S::Trying, I::TimerF, S::Terminated, A::TimedOut),
        (S::Trying, I::TransportError, S::Terminated, A::Unreachable),
        (S::Trying, I::Provisional, S::Proceeding, A::PassUp),
        (S::Trying, I::Final, S::Completed, A::PassUp),
        (S::Proceeding, I::TimerE, S::Proceeding, A::Resend),
        (S::Proceeding, I::TimerF, S::Terminated, A::TimedOut),
        (S::Proceeding, I::TransportError, S::Terminated, A::Unreachable),
        (S::Proceeding, I::Provisional, S::Proceeding, A::PassUp),
        (S::Proceeding, I::Final, S::Completed, A::PassUp),
        (S::Completed, I::TimerK, S::Terminated, A::Nothing),
    ];
    for state in [S::Trying, S::Proceeding, S::Completed, S::Terminated] {
        for input in [
            I::Provisional,
            I::Final,
            I::TimerE,
            I::TimerF,
            I::TimerK,
            I::TransportError,
        ] {
            let arrow = arrows.iter().find(|arrow| (arrow.0, arrow.1) == (state, input));
            let expected = arrow.map_or((state, A::Nothing), |arrow| (arrow.2, arrow.3));
            assert_eq!(next(state, input), expected, "{state:?} {input:?}");
        }
    }
}

#[test]
fn the_invite_server_follows_figure_7_with_the_accepted_state() {
    use server_invite::{Action as A, Input as I, State as S, next};
    let arrows = [
        (S::Proceeding, I::Invite, S::Proceeding, A::Resend),
        (S::Proceeding, I::Accept, S::Accepted, A::Nothing),
        (S::Proceeding, I::Refuse, S::Completed, A::Nothing),
        (S::Proceeding, I::TransportError, S::Terminated, A::Lost),
        (S::Accepted, I::TimerL, S::Terminated, A::Nothing),
        (S::Completed, I::Invite, S::Completed, A::Resend),
        (S::Completed, I::TimerG, S::Completed, A::Resend),
        (S::Completed, I::Ack, S::Confirmed, A::Nothing),
        (S::Completed, I::TimerH, S::Terminated, A::Nothing),
        (S::Completed, I::TransportError, S::Terminated, A::Nothing),
        (S::Confirmed, I::TimerI, S::Terminated, A::Nothing),
    ];
    for state in [S::Proceeding, S::Accepted, S::Completed, S::Confirmed, S::Terminated] {
        for input in [
            I::Invite,
            I::Ack,
            I::Accept,
            I::Refuse,
            I::TimerG,
            I::TimerH,
            I::TimerI,
            I::TimerL,
            I::TransportError,
        ] {
            let arrow = arrows.iter().find(|arrow| (arrow.0, arrow.1) == (state, input));
            let expected = arrow.map_or((state, A::Nothing), |arrow| (arrow.2, arrow.3));
            assert_eq!(next(state, input), expected, "{state:?} {input:?}");
        }
    }
}

#[test]
fn the_other_server_follows_figure_8() {
    use server_other::{Action as A, Input as I, State as S, next};
    let arrows = [
        (S::Trying, I::Answer, S::Completed, A::Nothing),
        (S::Trying, I::TransportError, S::Terminated, A::Nothing),
        (S::Completed, I::Request, S::Completed, A::Resend),
        (S::Completed, I::TimerJ, S::Terminated, A::Nothing),
        (S::Completed, I::TransportError, S::Terminated, A::Nothing),
    ];
    for state in [S::Trying, S::Completed, S::Terminated] {
        for input in [I::Request, I::Answer, I::TimerJ, I::TransportError] {
            let arrow = arrows.iter().find(|arrow| (arrow.0, arrow.1) == (state, input));
            let expected = arrow.map_or((state, A::Nothing), |arrow| (arrow.2, arrow.3));
            assert_eq!(next(state, input), expected, "{state:?} {input:?}");
        }
    }
}
