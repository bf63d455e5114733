#!/usr/bin/env bash
# Runs the matrix program that `make clients-java` has built.
exec java -cp "target/classes:$(cat target/classpath)" Matrix
