//! Region and credentials: from the options, from the environment, from nowhere.

use crate::common::{Folder, ID, in_processes, settings, store};
use session_store_core::{ClientSettings, Error, connect};

/// So that nobody waits for the metadata of an instance that this is none of.
const NO_METADATA: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

fn with_keys() -> ClientSettings {
    ClientSettings {
        access_key_id: Some("AKIDEXAMPLE".to_owned()),
        secret_access_key: Some("wJalrXUtnFEMI".to_owned()),
        ..settings()
    }
}

async fn region(settings: &ClientSettings) -> String {
    connect(settings, None).await.unwrap().config().region().unwrap().to_string()
}

#[tokio::test]
async fn without_a_region_anywhere_the_error_says_where_it_may_be_given() {
    if !in_processes(1, "client::without_a_region_anywhere_the_error_says_where_it_may_be_given", &[NO_METADATA]) {
        return;
    }
    match connect(&with_keys(), None).await {
        Err(Error::Configuration { option: "region", message }) => {
            assert!(message.contains("AWS_REGION") && message.contains("eu-central-1"), "{message}");
        }
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn without_credentials_anywhere_the_error_says_where_they_may_be_given() {
    let name = "client::without_credentials_anywhere_the_error_says_where_they_may_be_given";
    if !in_processes(1, name, &[NO_METADATA]) {
        return;
    }
    let nobody = ClientSettings { profile: Some("nobody".to_owned()), ..settings() };
    for settings in [settings(), nobody] {
        let endpoint = Some("http://127.0.0.1:9".to_owned());
        let settings = ClientSettings { region: Some("eu-central-1".to_owned()), endpoint, ..settings };
        let store = store(connect(&settings, None).await.unwrap());
        match store.load(ID).await {
            Err(Error::Configuration { option: "credentials", message }) => {
                for part in ["GetItem on table sessions (embedded)", "access_key_id", "profile"] {
                    assert!(message.contains(part), "{part} is not in {message}");
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_region_comes_from_the_option_the_environment_or_the_profile() {
    let name = "client::the_region_comes_from_the_option_the_environment_or_the_profile";
    let folder = Folder::new();
    let file = folder.path().join("config");
    std::fs::write(&file, "[default]\nregion = eu-west-1\n[profile shop]\nregion = eu-west-3\n").unwrap();
    let file = ("AWS_CONFIG_FILE", file.to_str().unwrap());
    if in_processes(1, name, &[NO_METADATA, file, ("AWS_REGION", "us-east-2")]) {
        let given = ClientSettings { region: Some("eu-central-1".to_owned()), ..with_keys() };
        let shop = ClientSettings { profile: Some("shop".to_owned()), ..with_keys() };
        assert_eq!(region(&given).await, "eu-central-1");
        if std::env::var("AWS_REGION").is_ok() {
            assert_eq!(region(&with_keys()).await, "us-east-2");
        } else {
            assert_eq!(region(&with_keys()).await, "eu-west-1");
            assert_eq!(region(&shop).await, "eu-west-3");
        }
    } else {
        in_processes(1, name, &[NO_METADATA, file]);
    }
}
