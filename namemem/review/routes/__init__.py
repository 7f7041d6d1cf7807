"""The routes of the review studio, one module for each page or group of pages."""

from fastapi import APIRouter

from namemem.review.routes import adding, correcting, door, listing, person, sounds

ROUTERS: tuple[APIRouter, ...] = (
    door.router,
    listing.router,
    person.router,
    correcting.router,
    adding.router,
    sounds.router,
)

__all__ = ["ROUTERS"]
