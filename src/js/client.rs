//! `connect` and the `Client` class. Methods clone the client and give a promise: nothing of a JavaScript object is
//! borrowed while something is in flight, so that `free()` is always safe.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use qmp_proto::{Command, State, Version};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{convert, error};
use crate::client::Client;
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
        let options: JsConnectOptions = convert::options(options)?;
        let client = web_socket::connect(&url, &options.into()).await?;
        Ok(JsClient(client).into())
    })
}

/// A connection to one machine.
#[wasm_bindgen(js_name = Client)]
#[derive(Debug)]
pub struct JsClient(Client);

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// Executes a command: resolves with its `return`, rejects with a `QmpError`.
    #[wasm_bindgen(skip_typescript)]
    pub fn execute(&self, command: JsValue, arguments: JsValue, options: JsValue) -> Promise {
        let client = self.0.clone();
        // Up to its first await, so up to the sending, this runs at once.
        let reply = (|| -> Result<_, JsValue> {
            let command = convert::string("command", &command)?;
            let JsExecuteOptions { oob } = convert::options(options)?;
            let arguments = convert::arguments(&command, &arguments)?;
            Ok(client.execute(Command {
                name: &command,
                arguments: arguments.as_deref(),
                oob,
                id: true,
            }))
        })();
        future_to_promise(async move { convert::value(&reply?.await?) })
    }

    /// Calls `listener` with each event of this name, or with every event for `"*"`. Returns a function that ends it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn on(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] event: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(event: QmpEvent) => void")] listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let event = convert::string("event", &event)?;
        let listener: Function = convert::function("listener", listener)?;
        let subscription = self.0.on_event(move |happened| {
            if event != "*" && event != happened.name {
                return;
            }
            let call = JSON::parse(&happened.to_json())
                .and_then(|event| listener.call1(&JsValue::UNDEFINED, &event));
            if let Err(thrown) = call {
                error::report_uncaught(thrown);
            }
        });
        let mut subscription = Some(subscription);
        Ok(Closure::<dyn FnMut()>::new(move || drop(subscription.take())).into_js_value())
    }

    /// Closes the connection. What is pending rejects.
    pub fn close(&self) {
        self.0.close();
    }

    /// Resolves when the connection has ended, however that came.
    #[wasm_bindgen(getter, unchecked_return_type = "Promise<CloseInfo>")]
    pub fn closed(&self) -> Promise {
        let closed = self.0.closed();
        future_to_promise(async move {
            let close = closed.await;
            Ok(object([
                ("code", close.code.into()),
                ("reason", close.reason.into()),
            ]))
        })
    }

    /// What was negotiated, such as `["async", "oob"]`.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn capabilities(&self) -> Vec<String> {
        self.0.capabilities().names().map(str::to_owned).collect()
    }

    /// The version of QEMU.
    #[wasm_bindgen(getter, unchecked_return_type = "QmpVersion")]
    pub fn version(&self) -> JsValue {
        let Version {
            major,
            minor,
            micro,
            package,
        } = self.0.greeting().unwrap_or_default().version;
        object([
            ("major", major.into()),
            ("minor", minor.into()),
            ("micro", micro.into()),
            ("package", package.into()),
        ])
    }

    /// Where the connection is.
    #[wasm_bindgen(getter, unchecked_return_type = "\"live\" | \"closed\"")]
    pub fn state(&self) -> String {
        if self.0.state() == State::Closed {
            "closed"
        } else {
            "live"
        }
        .to_owned()
    }
}

fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A fresh plain object takes any member.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

/// `ConnectOptions` as JavaScript gives them; see `types.d.ts`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsConnectOptions {
    token: Option<String>,
    greeting_timeout: Option<u32>,
    negotiation_timeout: Option<u32>,
}

impl From<JsConnectOptions> for ConnectOptions {
    fn from(given: JsConnectOptions) -> Self {
        let default = Self::default();
        Self {
            token: given.token,
            greeting_timeout: given.greeting_timeout.unwrap_or(default.greeting_timeout),
            negotiation_timeout: given.negotiation_timeout.unwrap_or(default.negotiation_timeout),
        }
    }
}

#[derive(Default, Deserialize)]
struct JsExecuteOptions {
    #[serde(default)]
    oob: bool,
}
