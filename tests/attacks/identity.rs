//! Rows 35 and 36: who is pushing, and whose key is whose.

use std::fs;

use crate::scene::Scene;

#[test]
fn attack_35_settings_from_the_clients_environment() {
    let scene = Scene::with("[review.main]\npush = \"developers\"\n");
    scene.server.configure("[countersign]\n\tidentity = env:REMOTE_USER");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let push = || scene.push().branch("main", merge);

    // Another source of identity, named by git's own variables.
    let told = [("countersign.identity", "env:FAKE"), ("countersign.granularity", "ref"), ("core.bare", "true")];
    let mut bent = push().env("FAKE", "alice").env("GIT_CONFIG_COUNT", "3");
    for (number, (key, value)) in told.iter().enumerate() {
        bent = bent.env(&format!("GIT_CONFIG_KEY_{number}"), key).env(&format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    bent.run().refused("unknown-pusher");
    let parameters = "'countersign.identity=env:FAKE'";
    push().env("FAKE", "alice").env("GIT_CONFIG_PARAMETERS", parameters).run().refused("unknown-pusher");
    let file = scene.path("evil.config");
    fs::write(&file, "[countersign]\n\tidentity = env:FAKE\n").unwrap();
    for variable in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG"] {
        let file = file.display().to_string();
        let bent = push().env("FAKE", "alice").env(variable, &file).env("GIT_CONFIG_NOSYSTEM", "0");
        bent.run().refused("unknown-pusher");
    }
    // Variables of sources that are not the configured one.
    let others = push()
        .env("GL_USER", "alice")
        .env("GL_USERNAME", "alice")
        .env("GITEA_PUSHER_ID", "1")
        .env("GITEA_PUSHER_NAME", "alice")
        .env("USER", "alice")
        .env("LOGNAME", "alice")
        .env("SSH_USER_AUTH", "/dev/null")
        .env("GIT_PUSH_CERT_SIGNER", "alice")
        .env("GIT_PUSH_CERT_STATUS", "G");
    others.run().refused("unknown-pusher");
    push().env("REMOTE_USER", "alice").run().accepted();
}

#[test]
fn attack_35_a_policy_from_the_clients_environment() {
    let scene = Scene::new();
    let direct = scene.commit("direct").write("a", "1").unsigned().make();
    let lax = scene.path("lax.toml");
    fs::write(&lax, "version = 1\nrepository = \"x\"\n").unwrap();
    let lax = lax.display().to_string();
    let push = || scene.push().branch("main", direct);
    let bent = push()
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "countersign.policy")
        .env("GIT_CONFIG_VALUE_0", &lax);
    bent.run().refused_also_for("direct-push");
    for variable in ["COUNTERSIGN_POLICY", "COUNTERSIGN_SITE", "COUNTERSIGN_IDENTITY", "XDG_CONFIG_HOME", "HOME"] {
        push().env(variable, &lax).run().refused_also_for("direct-push");
    }
    // git's own variables that move objects, refs or history elsewhere: wherever it lands, it is not here.
    let (elsewhere, before) = (scene.client.path.display().to_string(), scene.server.refs());
    let variables = ["GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE", "GIT_OBJECT_DIRECTORY"];
    for variable in variables {
        push().env(variable, &elsewhere).run();
        assert_eq!(scene.server.refs().get("refs/heads/main"), before.get("refs/heads/main"), "{variable}");
    }
}

#[test]
#[ignore = "git itself looks for hooks where these variables say: no hook can help, an sshd must not accept GIT_*"]
fn attack_35_hooks_that_are_looked_for_elsewhere() {
    let scene = Scene::new();
    let direct = scene.commit("direct").write("a", "1").unsigned().make();
    let (elsewhere, push) = (scene.client.path.display().to_string(), || scene.push().branch("main", direct));
    push().env("GIT_COMMON_DIR", &elsewhere).run().refused_by_git_or_hook();
    let bent = push().env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "core.hooksPath");
    bent.env("GIT_CONFIG_VALUE_0", &elsewhere).run().refused_by_git_or_hook();
}

#[test]
#[ignore = "needs push certificates"]
fn attack_35_a_push_certificate_is_verified_from_its_blob() {
    let scene = Scene::with("[review.main]\npush = \"developers\"\n");
    scene.server.configure("[receive]\n\tcertNonceSeed = seed\n[countersign]\n\tidentity = push-cert");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    // The variables alone prove nothing.
    let bent =
        scene.push().branch("main", merge).env("GIT_PUSH_CERT_STATUS", "G").env("GIT_PUSH_CERT_SIGNER", "alice");
    bent.run().refused("unknown-pusher");
}

#[test]
fn attack_36_one_key_email_or_account_of_two() {
    let twice = [
        "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(alice)\"]\n",
        "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(ci)\"]\n",
        "[people.emil]\nemails = [\"alice@example.org\"]\nkeys = [\"KEY(emil)\"]\n",
        "[people.emil]\nemails = [\"ALICE@Example.org\"]\nkeys = [\"KEY(emil)\"]\n",
        "[people.emil]\nemails = [\"renovate@example.org\"]\nkeys = [\"KEY(emil)\"]\n",
        "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(emil)\"]\naccounts = [\"env:alice\"]\n",
        "[services.emil]\nkeys = [\"KEY(bob-2)\"]\n",
        "[services.alice]\nkeys = [\"KEY(emil)\"]\nemails = [\"alice@example.org\"]\n",
    ];
    for more in twice {
        let scene = Scene::with(&format!("{more}[review.main]\n"));
        let commit = scene.commit("topic").make();
        scene.push().branch("topic", commit).run().refused("bad-policy");
    }
    let scene =
        Scene::with("[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(emil)\"]\n[review.main]\n");
    let commit = scene.commit("topic").make();
    scene.push().branch("topic", commit).run().accepted();
}
