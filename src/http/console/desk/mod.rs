//! `/api/desk`: an agent's desk, and `/api/floor`: what all agents do.
//!
//! One agent has one seat: `GET /api/desk` shows the same to every tab, every order names the conversation that it is for, and
//! every order is answered with the desk as it is then ([`shown::DeskPage`]). `GET /api/desk/live` tells of changes by
//! server-sent events: `board` and `change` with the members `me` and `now` (with the conversation's `id`), of which `change`
//! carries only those that changed, `beat` when nothing did; `page` grows by one whenever `GET /api/desk` has more to say.
//!
//! - `POST /api/desk/ready`, `/away`, `/pause` {reason}: presence. `ready` signs in where nobody is signed in.
//! - `POST /api/desk/next` {}: the next case, or the present one if there is one. `/pick` {case_id}: this case.
//! - `POST /api/desk/dial` {conversation_id, number_id?, number?, reason?}: rings the agent's phone, then the patient. `number` is
//!   one that is not the case's; `reason` uses the right to set rules aside, or a supervisor's grant needs none.
//! - `POST /api/desk/skip` {conversation_id, reason}.
//! - `POST /api/desk/hang-up`, `/hold`, `/resume`, `/recording/pause`, `/recording/resume`, `/wrap-up-done` {conversation_id}.
//! - `POST /api/desk/keys` {conversation_id, key}, `/transfer` {conversation_id, number}.
//! - `POST /api/desk/answers` {conversation_id, question, value? | refused: true, remark?}.
//! - `POST /api/desk/notes` {conversation_id, text, version}: autosave; 409 when a newer version is there.
//! - `POST /api/desk/outcome` {conversation_id, outcome, cause?, appointment_at?, language?, follow_up_at?}.
//! - `POST /api/desk/appointment` {conversation_id, appointment_at}, `/ticket` {conversation_id, department, text, due_at}.
//! - Number repair is `POST /api/repair/...` as ever.
//! - `GET /api/floor`, `POST /api/floor/listen-in`, `/stop-listening` {conversation_id}, `/grants` {case_id, account_id, reason,
//!   minutes}.

mod shown;
