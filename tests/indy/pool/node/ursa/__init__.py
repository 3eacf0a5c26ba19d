"""`libursa` under the names that Indy's nodes import, by `indy-bls`, which has wheels."""
