"""What a view is written with: request and answer, who asks, which door, what was typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from songbai.core.accounts.rules import Actor
from songbai.web.asked import at_field, done, key_of, whole_number
from songbai.web.doors import FORM, POST, Shown, View, door, form, posted, private, refusal
