//! Every file is read, and says what the real runtimes were seen to do.

use super::stored::STORED;
use super::*;
use crate::loaders::RUNTIMES;

fn facts(id: &str) -> &'static Facts {
    Facts::of(id).unwrap_or_else(|| panic!("no facts of {id}"))
}

fn conv2d(id: &str) -> &'static Class {
    facts(id).class(Kind::Layers, "Conv2D").expect("Conv2D")
}

#[test]
fn every_file_is_read_and_certified() {
    for stored in &STORED {
        let facts = facts(stored.id);
        for key in ["script", "api", "keras", "python", "h5py", "hdf5", "numpy"] {
            assert!(facts.certificate.get(key).is_some_and(Value::is_string), "{}: {key}", stored.id);
        }
        for kind in Kind::ALL {
            let table = facts.table(kind).unwrap_or_else(|| panic!("{}: {kind:?}", stored.id));
            assert!(!table.unknown.is_empty(), "{}: {kind:?}", stored.id);
            for (alias, main) in &table.aliases {
                assert!(table.find(main).is_some(), "{}: {alias} leads to {main}", stored.id);
            }
        }
    }
}

#[test]
fn every_row_has_facts() {
    for runtime in RUNTIMES {
        assert!(Facts::of(runtime.facts).is_some(), "{}", runtime.id);
    }
    assert!(Facts::of("none").is_none());
}

#[test]
fn a_message_is_filled_in_once() {
    let refusal = Refusal { exception: "TypeError".into(), message: "{a} {b} {{a}} {c".into() };
    assert_eq!(refusal.filled(&[("a", "{b}"), ("b", "2")]).message, "{b} 2 {{b}} {c");
}

/// `TypeError: ('Keyword argument not understood:', 'groups')`, said by TensorFlow 1.15.5 of a Conv2D of TensorFlow 2.4.
#[test]
fn conv2d_takes_groups_since_tensorflow_2_3() {
    assert_eq!(conv2d("tf115").takes("groups"), Some(false));
    assert_eq!(conv2d("tf215").takes("groups"), Some(true));
    assert_eq!(conv2d("k315").takes("groups"), Some(true));
    let refusal = conv2d("tf115").refusal.as_ref().expect("a refusal");
    let said = refusal.filled(&[("first", "groups")]);
    assert_eq!(
        (&*said.exception, &*said.message),
        ("TypeError", "('Keyword argument not understood:', 'groups')")
    );
}

/// As measured with TensorFlow 1.15.5 and 2.15.1 and Keras 2.2.4 on files of Keras 3.
#[test]
fn input_layers_refuse_what_keras_3_writes() {
    let said = |id: &str| {
        let class = facts(id).class(Kind::Layers, "InputLayer").expect("InputLayer");
        assert_eq!(class.takes("batch_shape"), Some(false), "{id}");
        let said = class.refusal.as_ref().expect("a refusal");
        said.filled(&[("first", "batch_shape"), ("list", "['batch_shape', 'optional']")])
    };
    let message = "('Unrecognized keyword arguments:', dict_keys(['batch_shape', 'optional']))";
    assert_eq!(said("tf115"), Raised::new("ValueError", message));
    assert_eq!(
        said("tf215"),
        Raised::new("ValueError", "Unrecognized keyword arguments: ['batch_shape', 'optional']")
    );
    assert_eq!(
        said("k224"),
        Raised::new("TypeError", "__init__() got an unexpected keyword argument 'batch_shape'")
    );
}

/// As measured on files with a layer, loss or activation that the runtime doesn't have.
#[test]
fn unknown_names_are_refused_in_the_runtimes_own_words() {
    let said = |id: &str, kind: Kind, identifier: Identifier| match facts(id).unknown(kind, identifier) {
        Some(Answer::Raises(refusal)) => refusal.filled(&[("name", "Mine")]).message,
        other => panic!("{id}: {other:?}"),
    };
    assert_eq!(said("tf115", Kind::Layers, Identifier::Class), "Unknown layer: Mine");
    assert_eq!(said("k122_tf", Kind::Layers, Identifier::Class), "Invalid layer: Mine");
    assert_eq!(said("k224", Kind::Losses, Identifier::Text), "Unknown loss function:Mine");
    assert_eq!(said("k315", Kind::Layers, Identifier::Class), said("tf215", Kind::Layers, Identifier::Class));
    assert_eq!(
        said("tf215", Kind::Losses, Identifier::Text),
        "Unknown loss function: 'Mine'. Please ensure you are using a `keras.utils.custom_object_scope` and that this \
         object is included in the scope. See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_\
         custom_object for details."
    );
}

#[test]
fn names_lead_to_classes_and_functions() {
    let tf115 = facts("tf115");
    assert_eq!(
        tf115.class(Kind::Layers, "BatchNormalizationV1").map(|class| &*class.name),
        Some("BatchNormalization")
    );
    assert_eq!(tf115.find(Kind::Losses, "mse"), Some(Named::Function("mean_squared_error")));
    assert_eq!(tf115.class(Kind::Optimizers, "Adam").map(|class| &*class.name), Some("Adam"));
    assert!(tf115.class(Kind::Layers, "Functional").is_none());
    assert!(facts("k315").class(Kind::Layers, "Functional").is_some());
    assert!(facts("tf215").class(Kind::Optimizers, "Custom>Adam").is_some());
    assert!(tf115.find(Kind::Optimizers, "Custom>Adam").is_none());
    assert!(
        facts("k315").exports("keras.layers", "Conv2D") && !facts("k315").exports("keras.layers", "Mine")
    );
}

#[test]
fn a_class_that_could_not_be_made_is_known_by_name_alone() {
    let class = facts("tf215").class(Kind::Layers, "TFOpLambda").expect("TFOpLambda");
    assert_eq!(class.takes("function"), None);
}

#[test]
fn required_arguments_and_defaults_are_known() {
    assert_eq!(conv2d("tf215").required, ["filters", "kernel_size"]);
    assert_eq!(conv2d("tf215").defaults.get("groups"), Some(&Value::from(1)));
    let missing = conv2d("tf115").missing.get("filters").expect("a message").filled(&[("first", "filters")]);
    assert_eq!(missing.message, "__init__() missing 1 required positional argument: 'filters'");
}

/// Keras 2.12 and later, and Keras 3, put words around what the constructor says.
#[test]
fn constructors_exceptions_are_wrapped_since_2_12() {
    assert!(facts("tf115").wrappers(Kind::Layers).is_empty());
    let [wrapper] = facts("tf215").wrappers(Kind::Layers) else { panic!("one wrapper") };
    let said = wrapper.filled(&[("class", "Dense"), ("config", "{}"), ("message", "no")]);
    assert_eq!(
        said.message,
        "Error when deserializing class 'Dense' using config={}.\n\nException encountered: no"
    );
    assert_eq!(said.exception, "TypeError");
}

/// As measured: Keras 3 puts its words around those of the layer, but only where the layer carries a `module`.
#[test]
fn keras_3_wraps_layers_with_a_module_twice() {
    let class = |kind| facts("k315").class(kind, "Conv2D").expect("Conv2D");
    assert_eq!(class(Kind::Layers).wrappers.len(), 1);
    assert_eq!(class(Kind::ModuleLayers).wrappers.len(), 2);
    assert!(
        class(Kind::ModuleLayers).wrappers[1]
            .message
            .starts_with("{qualified} could not be deserialized properly.")
    );
    assert_eq!(class(Kind::Layers).path.as_deref(), Some("keras.src.layers.convolutional.conv2d.Conv2D"));
}

/// A runtime beside the measured ones is its dump and its file: TensorFlow 2.8.4 has `groups`, and no `synchronized`.
#[test]
fn a_runtime_without_a_row_has_facts() {
    let class = facts("tf28").class(Kind::Layers, "BatchNormalization").expect("BatchNormalization");
    assert_eq!((conv2d("tf28").takes("groups"), class.takes("synchronized")), (Some(true), Some(false)));
}
