#!/usr/bin/env node
// Stands beside the built code, so that a package manager can link the command before the first build.
import '../dist/bin.js'
