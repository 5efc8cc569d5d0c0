//! Asks the machine what it is made of: when the connection is live, and again after events and commands that change it.
//! What the answers mean is the store's business.

use gloo::timers::future::TimeoutFuture;
use qmp_web::{Error, Json};
use wasm_bindgen_futures::spawn_local;

use super::line::Line;
use super::store::{Origin, Question, Topics};
use super::{Console, json};

/// What is asked, and whether somebody is about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    wanted: Topics,
    is_asking: bool,
}

impl Console {
    /// Asks for these facts, soon. However often it is called, one question is on its way at a time.
    pub(super) fn learn(&self, topics: Topics) {
        let mut asking = self.0.asking_facts.get();
        asking.wanted = asking.wanted | topics;
        if asking.wanted == Topics::NONE || asking.is_asking {
            self.0.asking_facts.set(asking);
            return;
        }
        asking.is_asking = true;
        self.0.asking_facts.set(asking);
        let console = self.clone();
        spawn_local(async move {
            while let Some(topics) = console.next_topics() {
                console.ask_for(topics).await;
                // Events may come by the thousand.
                TimeoutFuture::new(PAUSE).await;
            }
        });
    }

    /// Asks for what a person's command may have changed.
    pub(super) fn learn_after(&self, command: &str, result: &Result<Json, Error>) {
        if result.is_ok() {
            self.learn(Topics::after_command(command));
        }
    }

    fn next_topics(&self) -> Option<Topics> {
        let mut asking = self.0.asking_facts.get();
        let wanted = std::mem::take(&mut asking.wanted);
        asking.is_asking = wanted != Topics::NONE;
        self.0.asking_facts.set(asking);
        asking.is_asking.then_some(wanted)
    }

    async fn ask_for(&self, topics: Topics) {
        for question in Question::ALL {
            let (command, arguments) = question.command();
            let is_offered = self.read(|store| store.offers(command));
            if !topics.has(question.topic()) || !is_offered {
                continue;
            }
            if let Some(answer) = self.answer(command, arguments).await {
                self.update(|store| store.facts.learn(question, answer.as_ref().map(Json::as_str)));
            }
        }
        if topics.has(Topics::NETWORK) && self.read(|store| store.offers("qom-get")) {
            self.ask_for_nics().await;
        }
    }

    async fn ask_for_nics(&self) {
        let nics = self.read(|store| store.facts.nics()).unwrap_or_default();
        for nic in nics.into_iter().take(MAX_NICS) {
            let property = async |name| {
                let arguments = json::object(&[("path", &nic.path), ("property", name)]);
                self.answer("qom-get", Some(arguments)).await
            };
            if let (Some(mac), Some(backend)) = (property("mac").await, property("netdev").await) {
                let text = |reply: &Option<Json>| reply.as_ref().map(|reply| reply.as_str().to_owned());
                let (mac, backend) = (text(&mac), text(&backend));
                self.update(|store| {
                    store
                        .facts
                        .learn_nic(nic.path, mac.as_deref(), backend.as_deref())
                });
            }
        }
    }

    /// What QEMU says, with nothing in it if it refuses to. `None` if the connection ended before: what was known stays,
    /// and all is asked anew over the next one. A machine that is slow is waited for, with one question at a time.
    async fn answer(&self, name: &str, arguments: Option<String>) -> Option<Option<Json>> {
        let line = Line {
            name: name.to_owned(),
            arguments,
            oob: false,
        };
        match self.begin(line, Origin::Console, f64::INFINITY).1.await {
            Ok(reply) => Some(Some(reply)),
            Err(Error::Command { .. }) => Some(None),
            Err(_) => None,
        }
    }
}

/// Between one round of questions and the next, in milliseconds.
const PAUSE: u32 = 400;
/// Of whose properties are asked.
const MAX_NICS: usize = 16;
