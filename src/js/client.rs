//! `connect` and the `Client` class. Methods clone the client and give a promise: nothing of a JavaScript object is
//! borrowed while something is in flight, so that `free()` is always safe.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Promise, TypeError};
use qmp_proto::{State, Version};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::convert::{self, BigInts};
use super::error;
use super::events::{self, EventStream, Events};
use super::execute::Executor;
use super::incoming::Incoming;
use super::options::Options;
use super::waiter::Promised;
use crate::client::{Client, Stray};
use crate::expiry::Expiry;
use crate::transport::web_socket::{self, ConnectOptions};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Connects to a QMP server behind a WebSocket.
#[wasm_bindgen(unchecked_return_type = "Promise<Client>")]
#[expect(unreachable_pub, reason = "reachable from JavaScript")]
pub fn connect(
    #[wasm_bindgen(unchecked_param_type = "string | URL")] url: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "ConnectOptions")] options: JsValue,
) -> Promise {
    console_error_panic_hook::set_once();
    future_to_promise(async move {
        let url = convert::url(&url)?;
        let options = JsConnectOptions::from_js(&options)?;
        let events = Events::new();
        let bigint = options.bigint;
        let read = |client: &Client<Promised>| {
            let incoming = Incoming::new(client, Rc::new(Cell::new(false)));
            let prefix = client.id_prefix();
            reader(&prefix, bigint.as_str(), &events, incoming)
        };
        let client = web_socket::connect_and_read(&url, &options.wire, read).await?;
        Ok(JsClient::new(client, events, options).into())
    })
}

#[wasm_bindgen(module = "/src/js/reader.js")]
extern "C" {
    /// What a WebSocket calls with each message.
    fn reader(prefix: &str, bigint: &str, events: &Events, client: Incoming) -> Function;
}

/// A connection to one machine.
#[wasm_bindgen(js_name = Client)]
#[derive(Debug)]
pub struct JsClient(Executor);

impl JsClient {
    fn new(client: Client<Promised>, events: Events, options: JsConnectOptions) -> Self {
        let bigint = options.bigint;
        // What the reader leaves to the client comes back here, as text.
        client
            .on_event({
                let events = events.clone();
                move |event| {
                    if events.hears(&event.name)
                        && let Ok(event) = convert::value(&event.to_json(), bigint)
                    {
                        events.emit(&event);
                    }
                }
            })
            .forever();
        if let Some(diagnose) = options.diagnose {
            client
                .on_stray(move |stray| diagnose_stray(&diagnose, stray))
                .forever();
        }
        wasm_bindgen_futures::spawn_local({
            let (closed, events) = (client.closed(), events.clone());
            async move {
                let close = closed.await;
                let outcome = crate::error::Outcome::NotSent;
                events.end(&crate::error::Error::ConnectionLost { outcome, close }.into());
            }
        });
        Self(Executor {
            expiry: Expiry::new(&client),
            client,
            events,
            bigint,
            timeout: options.timeout,
        })
    }
}

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// Executes a command: resolves with its `return`, rejects with a `QmpError`.
    #[wasm_bindgen(skip_typescript)]
    pub fn execute(&self, command: &JsValue, arguments: &JsValue, options: &JsValue) -> Promise {
        self.0
            .execute(command, arguments, options)
            .unwrap_or_else(|error| Promise::reject(&error))
    }

    /// Calls `listener` with each event of this name or these names, or with every event for `"*"`. Returns a function
    /// that ends it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn on(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | string[]")] event: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "(event: QmpEvent) => void")] listener: JsValue,
    ) -> Result<Function, JsValue> {
        let names = convert::names(event)?;
        Ok(self
            .0
            .events
            .on(&names, &convert::function("listener", listener)?))
    }

    /// The next event of this name or these names.
    #[wasm_bindgen(skip_typescript)]
    pub fn once(&self, event: &JsValue, options: JsValue) -> Result<Promise, JsValue> {
        let names = convert::names(event)?;
        let given = Options::new(&options, &["signal", "timeout", "where"])?;
        given.signal("signal")?;
        given.milliseconds("timeout")?;
        given.function("where")?;
        Ok(events::once(&self.0.events, &names, &options))
    }

    /// Events of these names as they come, or all of them for `"*"`.
    #[wasm_bindgen(skip_typescript)]
    pub fn events(&self, event: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let names = convert::names(event)?;
        let given = Options::new(options, &["capacity", "signal"])?;
        given.signal("signal")?;
        given.count("capacity")?;
        Ok(EventStream::new(&self.0.events, &names, options).into())
    }

    /// Closes the connection. What is pending rejects.
    pub fn close(&self) {
        self.0.client.close();
    }

    /// Resolves when the connection has ended, however that came.
    #[wasm_bindgen(getter, unchecked_return_type = "Promise<CloseInfo>")]
    pub fn closed(&self) -> Promise {
        let closed = self.0.client.closed();
        future_to_promise(async move {
            let close = closed.await;
            Ok(convert::object([
                ("code", close.code.into()),
                ("reason", close.reason.into()),
            ]))
        })
    }

    /// What was negotiated, such as `["async", "oob"]`.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn capabilities(&self) -> Vec<String> {
        let capabilities = self.0.client.capabilities();
        capabilities.names().map(str::to_owned).collect()
    }

    /// The version of QEMU.
    #[wasm_bindgen(getter, unchecked_return_type = "QmpVersion")]
    pub fn version(&self) -> JsValue {
        let Version {
            major,
            minor,
            micro,
            package,
        } = self.0.client.greeting().unwrap_or_default().version;
        convert::object([
            ("major", major.into()),
            ("minor", minor.into()),
            ("micro", micro.into()),
            ("package", package.into()),
        ])
    }

    /// Where the connection is.
    #[wasm_bindgen(getter, unchecked_return_type = "\"live\" | \"closed\"")]
    pub fn state(&self) -> String {
        if self.0.client.state() == State::Closed {
            "closed"
        } else {
            "live"
        }
        .to_owned()
    }
}

fn diagnose_stray(diagnose: &Function, stray: &Stray) {
    let diagnostic = match stray {
        Stray::Late { command } => {
            convert::object([("kind", "late-reply".into()), ("command", command.into())])
        }
        Stray::Unknown { id } => convert::object([
            ("kind", "unknown-reply".into()),
            ("id", id.as_deref().map_or(JsValue::UNDEFINED, JsValue::from)),
        ]),
    };
    if let Err(thrown) = diagnose.call1(&JsValue::UNDEFINED, &diagnostic) {
        error::report_uncaught(thrown);
    }
}

/// `ConnectOptions` as JavaScript gives them; see `types.d.ts`.
struct JsConnectOptions {
    wire: ConnectOptions,
    bigint: BigInts,
    timeout: Option<f64>,
    diagnose: Option<Function>,
}

impl JsConnectOptions {
    fn from_js(value: &JsValue) -> Result<Self, JsValue> {
        let known = [
            "bigint",
            "greetingTimeout",
            "negotiationTimeout",
            "onDiagnostic",
            "timeout",
            "token",
        ];
        let options = Options::new(value, &known)?;
        let mut wire = ConnectOptions {
            token: options.string("token")?,
            ..ConnectOptions::default()
        };
        for (name, place) in [
            ("greetingTimeout", &mut wire.greeting_timeout),
            ("negotiationTimeout", &mut wire.negotiation_timeout),
        ] {
            if let Some(time) = options.milliseconds(name)? {
                // Of more than fits, the most that fits.
                *place = time as u32;
            }
        }
        let bigint = match options.string("bigint")? {
            None => BigInts::default(),
            Some(given) => BigInts::ALL
                .into_iter()
                .find(|known| known.as_str() == given)
                .ok_or_else(|| TypeError::new("bigint must be \"auto\", \"always\" or \"never\""))?,
        };
        Ok(Self {
            wire,
            bigint,
            timeout: options.milliseconds("timeout")?,
            diagnose: options.function("onDiagnostic")?,
        })
    }
}
